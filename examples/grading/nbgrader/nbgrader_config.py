"""The course, for nbgrader: run its commands in this folder."""

c = get_config()  # noqa: F821 - traitlets puts it there
c.CourseDirectory.course_id = "chainrule"
c.ExecutePreprocessor.timeout = 60  # seconds for a cell of a submission
