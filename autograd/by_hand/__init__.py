"""What a student derives by hand: checked, its mistake named, and written out."""
