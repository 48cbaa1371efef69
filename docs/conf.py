"""How Sphinx makes the documentation of docs/; ``python site/build.py documentation`` runs it."""

import sys
from importlib.metadata import version as installed_version
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

project = "chainrule"
author = "The chainrule developers"
copyright = "The chainrule developers, MIT licence"
version = release = installed_version("chainrule")

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx_design",
    "docstrings",
    "mathematics",
    "navigation",
    "operations",
    "sessions",
    "site_links",
    "steppers",
]
exclude_patterns = ["_ext"]
templates_path = ["_templates"]
nitpicky = True
nitpick_ignore_regex = [("py:.*", ".*")]  # annotations name numpy's types and our private ones
add_module_names = False
autodoc_member_order = "bysource"
python_use_unqualified_type_names = True

myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3
nb_execution_mode = "off"  # the notebooks have their outputs; the tests run them
nb_ipywidgets_js = {}  # widgets would load scripts from another host
suppress_warnings = ["myst.header", "toc.empty_glob"]  # cells of a notebook may begin with any level; pages may be new

html_theme = "furo"
pygments_dark_style = "github-dark"
html_title = "chainrule"
html_favicon = "_static/favicon.svg"
html_sidebars = {
    "**": [
        "sidebar/brand.html",
        "sidebar/search.html",
        "sidebar/parts.html",
        "sidebar/scroll-start.html",
        "sidebar/navigation.html",
        "sidebar/scroll-end.html",
    ]
}
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_js_files = [("site.js", {"defer": "defer"})]
html_math_renderer = "mathml"
html_copy_source = False
html_show_sphinx = False
