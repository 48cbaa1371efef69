"""A recording as a file of NumPy, PyTorch or JAX, that computes and trains by itself."""

from __future__ import annotations

import re
from functools import cached_property

import numpy as np

from ...formulas.naming import printable
from ...number import quoted, shortened
from ...table.idioms import LIBRARIES
from ..forms import form
from ..listing.listing import Listing
from ..lower import TAKE
from ..tape import SPREAD
from .arrays import Code, Expressions, Line, shape_note
from .backward import Flows, Gradients
from .forward import Forward
from .inputs import Arguments
from .numbers import WIDTH, literal
from .rows import definition, function_name
from .templates import DATA, HEADS, TRAINING, VALUE_AND_GRAD

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..forms import Recordings
    from ..listing.names import Nodes, Variable
    from ..replay import Recording

RESERVED = {"np", "torch", "F", "jax", "jnp", "math", "m", "J", "outputs", "others", "parameters", "gradients", "train"}
RESERVED |= {"forward", "value_and_grad"}
BACKWARD = "backward: dV is ∂J/∂V; where V has m columns, ∂L/∂V of each example"
WIDEST = 60  # characters, behind which the shapes stand
EXAMPLES = 100  # that are made up


class Source:
    """The file of a recording, whose variables are those of the listing; ``title`` is what was recorded."""

    def __init__(self, library: str, recording: Recording, title: str, arguments: Arguments) -> None:
        self.library = LIBRARIES[library]
        self.title, self.arguments = printable(shortened(title)), arguments
        self.listing = listing = Listing(recording)
        self.tape = tape = listing.blocks.tape
        helpers = {*self.library.helpers, *(function_name(op) for op in tape.ops if op)}
        others = {*arguments.names} - arguments.replaced(listing.inputs())
        reserved = RESERVED | helpers | others
        self.code = Expressions(listing.blocks, listing.names, self.library, reserved)
        learning = {listing.names.variables[k] for k in listing.names.owner[tape.parameters].tolist()}
        self.has_gradient = listing.one_number and not learning.isdisjoint(listing.backward.flows)
        self.by_hand = self.has_gradient and self.library.alias == "np"
        self.formulas = (Flows if self.by_hand else Forward)(listing.blocks, self.code)

    def text(self) -> str:
        """The file."""
        sections = [*self._definitions(), self._numbers(), self._function]
        if self.has_gradient:
            if self.library.alias == "jnp":
                has_aux = ", has_aux=True" if self.listing.besides.size else ""
                sections.append(VALUE_AND_GRAD.format(has_aux=has_aux))
            sections += [self._training(), self._main()]
        body = "\n\n\n".join(filter(None, sections))
        imports = ["import math\n"] if "math." in body else []
        imports += [line for line in self.library.imports if "as F" not in line or re.search(r"\bF\.", body)]
        gap = "\n\n" if body.startswith("parameters") else "\n\n\n"
        return "\n".join([self._docstring(), *imports, *HEADS[self.library.alias]]) + f"{gap}{body}\n"

    # -- the function --------------------------------------------------------------------------------------------

    @cached_property
    def _lines(self) -> list[Line]:
        """What is computed, but for inputs that nothing reads."""
        inputs, lines = list(self._inputs()), list(self._forward())
        if isinstance(self.formulas, Flows):
            read = _words([line.text for line in lines])
            lines += [Line("", None, BACKWARD), *Gradients(self.listing.blocks, self.formulas).statements(read)]
        words = _words([line.text for line in lines])
        return [*[line for line in inputs if line.name in words], *lines]

    def _inputs(self) -> Iterator[Line]:
        start = 0
        for variable in self.listing.inputs():
            yield self.code.line(variable, self.arguments.assigned(variable, start, self.code).tree)
            start += variable.nodes.size

    def _forward(self) -> Iterator[Line]:
        code, blocks, result = self.code, self.listing.blocks, self.listing.result
        for block in (*blocks.shared, *blocks.varying):
            if block.op is not SPREAD:
                yield code.line(self.listing.names.of[block], self.formulas.computed(block))
        if not self.listing.one_number:
            yield Line("outputs", self._columns(result).tree, "(m, k)")
        elif self.listing.names.varying(result):
            yield Line("J", code.fill("a.mean()", a=code.rows(result).tree))
        else:
            yield Line("J", code.number(int(result[0])).tree)
        if self.listing.besides.size:
            yield Line("others", self._columns(self.listing.besides).tree, "(m, k)")

    def _columns(self, nodes: Nodes) -> Code:
        """Results, one example a row."""
        code = self.code
        rows = code.widened(code.rows(nodes, every=True), (nodes.size, "m"))
        return Code(code.fill("a.T", a=rows.tree), ("m", nodes.size))

    @property
    def _result(self) -> str:
        """What is returned, without the gradients."""
        result = "J" if self.listing.one_number else "outputs"
        return f"({result}, others)" if self.listing.besides.size else result

    @cached_property
    def _function(self) -> str:
        """``forward``; where the gradient is by hand ``value_and_grad``."""
        texts = [(line.text, line.note if line.tree is not None else "") for line in self._lines]
        words = _words([text for text, _ in texts])
        if "m" in words:
            texts.insert(0, (f"m = len({self.arguments.names[0]})" if self.arguments.names else "m = 1", ""))
        unpacked = [self._unpacked(self.trained[k : k + 2]) for k in range(0, len(self.trained), 2)]
        texts = [*unpacked, *texts]
        width = max((len(text) for text, note in texts if note and len(text) <= WIDEST), default=0)
        lines = [f"    {text:<{width}}  # {note}" if note else f"    {text}" for text, note in texts]
        name, what = "forward", "The outputs of m examples"
        if self.listing.one_number:
            what = "The mean loss J of m examples"
        if self.by_hand:
            name, what = "value_and_grad", f"{what}, and its gradient by each of the parameters"
        shapes = [f"{x} {self.arguments.shape(k)}" for k, x in enumerate(self.arguments.names)]
        head = [f"def {name}({self._arguments}):", f'    """{what}: {", ".join(shapes)}."""']
        if lines[-1].startswith("    J = ") and not self.by_hand:
            return "\n".join([*head, *lines[:-1], lines[-1].replace("J =", "return", 1)])
        return "\n".join([*head, *lines, *self._returned()])

    def _returned(self) -> list[str]:
        if not self.by_hand:
            return [f"    return {self._result.strip('()')}"]
        pairs = ", ".join(f'"{x}": d{x}' for x in map(self.code.identifiers.__getitem__, self.trained))
        line = f"    return {self._result}, {{{pairs}}}"
        if len(line) <= WIDTH:
            return [line]
        return [f"    gradients = {{{pairs}}}", f"    return {self._result}, gradients"]

    def _unpacked(self, variables: Sequence[Variable]) -> tuple[str, str]:
        """``W1, b1 = parameters["W1"], parameters["b1"]``, with the shapes."""
        names = [self.code.identifiers[variable] for variable in variables]
        values = ", ".join(f'parameters["{x}"]' for x in names)
        return f"{', '.join(names)} = {values}", ", ".join(shape_note(self.code.shape(x)) for x in variables)

    @property
    def _arguments(self) -> str:
        return ", ".join([*["parameters"][: len(self.trained)], *self.arguments.names])

    # -- numbers -------------------------------------------------------------------------------------------------

    @cached_property
    def _read(self) -> list[Variable]:
        """The variables of leaves that all examples share and that are read, in the order of the parameters."""
        tape, names = self.tape, self.listing.names
        leaves = [*tape.parameters, *(i for i in tape.leaves if i not in {*tape.inputs})]
        words = _words([line.text for line in self._lines])
        variables = [names.variables[k] for k in dict.fromkeys(names.owner[leaves].tolist())]
        return [variable for variable in variables if self.code.identifiers[variable] in words]

    @cached_property
    def trained(self) -> list[Variable]:
        """Those of parameters."""
        parameters = {*self.tape.parameters}
        trained = []
        for variable in self._read:
            kinds = {i in parameters for i in variable.nodes.tolist()}
            if len(kinds) > 1:
                raise ValueError(
                    f"{variable.name()} has parameters and leaves that are none, and so cannot be written as an array: "
                    "record with parameters= all of them, or make what stays fixed plain numbers"
                )
            if kinds == {True}:
                trained.append(variable)
        return trained

    def _numbers(self) -> str:
        """The numbers that the parameters have now; and other leaves."""
        alias = self.library.alias
        make = f"{alias}.{self.library.array}"
        lines = []
        for x in self._read:
            if x not in self.trained:
                note = f"{shape_note(self.code.shape(x))}, not trained"
                lines.append(f"{self.code.identifiers[x]} = {make}({self._literal(x, '')})  # {note}")
        if self.trained:
            lines.append("parameters = {")
            for x in self.trained:
                note = shape_note(self.code.shape(x))
                lines.append(f'    "{self.code.identifiers[x]}": {make}({self._literal(x, "    ")}),  # {note}')
            lines.append("}")
        return "\n".join(lines)

    def _literal(self, variable: Variable, indent: str) -> str:
        data = np.array([self.tape.leaves[i].data for i in variable.nodes.tolist()])
        shape = [n for n in self.code.shape(variable) if isinstance(n, int)]
        return literal(data.reshape(shape), self.library.alias, indent)

    # -- around it -----------------------------------------------------------------------------------------------

    def _docstring(self) -> str:
        title = "A program" if "<" in self.title else self.title
        lines = [f"{title}, in {self.library.title}.", ""]
        lines += ["Arguments have one example a row; inside, as in the notes, each example is a column."]
        left_out = [self.tape.labels.get(i, "") for i in self.tape.parameters if i not in self._nodes()]
        if left_out:
            few = ", ".join(filter(None, left_out[:4])) or "some without a label"
            lines.append(f"Parameters that the result does not depend on are left out: {few}.")
        text = "\n".join(lines).replace("\\", "\\\\").replace('"', "'")
        return f'"""{text}\n"""\n'

    def _nodes(self) -> set[int]:
        return {i for variable in self.trained for i in variable.nodes.tolist()}

    def _definitions(self) -> list[str]:
        """What the library lacks, the functions that others call first."""
        text = self._function
        found = [definition(self.library, op) for op in self.formulas.called.values()]
        helpers: dict[str, str] = {}
        texts = [text, *found]
        while texts:
            words = _words([texts.pop()])
            for name, helper in self.library.helpers.items():
                if name in words and name not in helpers:
                    helpers[name] = helper
                    texts.append(helper)
        return [*[helper for name, helper in self.library.helpers.items() if name in helpers], *found]

    def _training(self) -> str:
        J = "(J, _)" if self.listing.besides.size else "J"
        if self.library.alias == "torch":
            J = J.strip("()")
        return TRAINING[self.library.alias].format(arguments=", ".join(self.arguments.names), J=J)

    def _main(self) -> str:
        """Made-up data, and the training."""
        before, numbers, indices = DATA[self.library.alias]
        names = self.arguments.names
        lines = [
            'if __name__ == "__main__":  # on made-up data: put yours here',
            f"    {before.format(count=len(names))}",
        ]
        for k, x in enumerate(names):
            shape, n = self.arguments.shape(k, EXAMPLES), self._choices(k)
            lines.append(f"    {x} = {(indices if n else numbers).format(shape=shape, n=n)}")
        return "\n".join([*lines, f"    train({self._arguments})"])

    def _choices(self, k: int) -> int:
        """Of how many elements an argument chooses one; 0 if it does no such thing."""
        start, stop = self.arguments.spans[k]
        inputs = {*self.tape.inputs[start:stop]}
        lengths = [
            (len(args) - 1)
            for op, args in zip(self.tape.ops, self.tape.args, strict=True)
            if op is not None and (op is TAKE or op.per_element) and args[-1] in inputs
        ]
        return min(lengths, default=0)


def _words(texts: Sequence[str]) -> set[str]:
    return set(re.findall(r"\w+", "\n".join(texts)))


def source(recordings: Recordings, library: str, examples: Sequence[object]) -> Source:
    """The file of the recording of such examples, or of the first one; see ``Program.to_source``."""
    if library not in LIBRARIES:
        raise ValueError(f"a program is written for one of {', '.join(LIBRARIES)}, not {quoted(library)}")
    structure = form(examples) if examples else next(iter(recordings.made))
    arguments = Arguments(recordings.source.arguments(len(structure)), structure, RESERVED)
    return Source(library, recordings.made[structure], recordings.source.name, arguments)
