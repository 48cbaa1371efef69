# make demo   the main job on real input, from a clean clone: a graph, its steps, and a derivation checked
# make test   formatting, types, and the whole suite
# make bench  the engine beside its peers, in one run (installs them in an environment of their own)
# make notebook  JupyterLab on the course's notebooks
# make site  the page, the course in the browser and the documentation, as static files in build/site

PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin

.PHONY: demo test bench notebook site clean

demo: $(VENV)/demo
	@mkdir -p demo-output
	$(BIN)/chainrule "u = b*c; v = a + u; J = 3*v" a=5 b=3 c=2 --svg demo-output/worked.svg --png demo-output/worked.png --html demo-output/worked.html
	$(BIN)/chainrule check "L = -(y log a + (1 - y) log(1 - a)); a = σ(z); z = w1 x1 + w2 x2 + b" --at w1=0.5,w2=-1,b=0.25,x1=2,x2=1,y=1 \
	  --claim "dz = a - y" --claim "dw1 = x1(a − y)" --claim '\frac{\partial L}{\partial w_2} = x_2 (a - y)'

test: $(VENV)/test
	$(BIN)/python -m autograd.table.stub
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/pytest --numprocesses auto --dist worksteal

bench: $(VENV)/bench
	$(BIN)/python -m benchmarks

notebook: $(VENV)/notebook
	$(BIN)/jupyter lab notebooks

# PYODIDE=dir is a full distribution of Pyodide: NumPy and matplotlib come from it.
site: $(VENV)/site
	$(BIN)/python site/build.py $(if $(PYODIDE),--pyodide $(PYODIDE))

clean:
	rm -rf $(VENV) demo-output build dist

# One environment; each target adds the extras that it needs. A stamp tells that they are installed.
$(VENV)/pip:
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/demo: $(VENV)/pip pyproject.toml
	$(BIN)/pip install --quiet --editable .
	@touch $@

$(VENV)/test $(VENV)/notebook: $(VENV)/%: $(VENV)/pip pyproject.toml
	$(BIN)/pip install --quiet --editable ".[$*]"
	@touch $@

$(VENV)/site: $(VENV)/pip pyproject.toml site/requirements.txt
	$(BIN)/pip install --quiet --editable ".[test]" --requirement site/requirements.txt
	@touch $@

$(VENV)/bench: $(VENV)/pip pyproject.toml benchmarks/requirements.txt
	$(BIN)/pip install --quiet --editable . --requirement benchmarks/requirements.txt
	@touch $@
