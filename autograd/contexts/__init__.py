"""What holds inside a with block: scope, paused_gc, detect_anomaly, a recording."""
