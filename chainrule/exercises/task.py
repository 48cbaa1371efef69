"""What an exercise asks, as Jupyter and a terminal show it."""

from __future__ import annotations

import json
from base64 import b64encode
from dataclasses import dataclass, replace
from html import escape

from autograd import graph, to_mathml
from autograd.formulas.matrix import shape
from autograd.formulas.reading.lines import lines
from autograd.number import shown

from ..grading.exercise import Exercise
from .markup import MOST, code, paragraphs, table
from .questions import Questions

MOST_DRAWN = 60  # nodes of a graph that is shown as a formula and a picture, too


@dataclass(frozen=True)
class Task:
    """An exercise under its name. Shows itself; ``exercise.root`` and ``exercise.names`` are its graph's Values."""

    name: str
    exercise: Exercise

    def __repr__(self) -> str:
        parts = [self._title(), self._task(), "\n".join(f"    {line}" for line in self._graph()), f"at {self._point()}"]
        return "\n\n".join(filter(None, [*parts, f"Derive {self._wanted()}.{self._hint()}", self._call()]))

    def _repr_html_(self) -> str:
        parts = [
            f"<h4>{escape(self._title())}</h4>",
            paragraphs(self.exercise.task),
            self._formula(),
            f"<pre>{escape(chr(10).join(self._graph()))}</pre>",
            f"<p>at {code(self._point())}</p>",
            self._picture(),
            f"<p>Derive {escape(self._wanted())}.{self._hint()}</p>",
            f"<pre>{escape(self._call())}</pre>",
        ]
        return f"<div>{''.join(parts)}</div>"

    def _title(self) -> str:
        return shown(self.exercise.title or self.name, 200)

    def _task(self) -> str:
        return _paragraphs(self.exercise.task)

    def _graph(self) -> list[str]:
        """The definitions, as the exercise writes them."""
        return [shown(line, 500) for line in lines(self.exercise.graph)]

    def _point(self) -> str:
        return ", ".join(f"{shown(name)} = {shown(numbers, 200)}" for name, numbers in self.exercise.at.items())

    def _wanted(self) -> str:
        return ", ".join(f"{shown(name)} ({_worth(points)})" for name, points in self.exercise.points.items())

    def _hint(self) -> str:
        return " A formula is wanted: a number is right at this point only." if self.exercise.want == "formula" else ""

    def _call(self) -> str:
        """How an answer is given, ready to be filled in."""
        asked = list(self.exercise.points)
        if all(name.isidentifier() for name in asked):
            filled = ", ".join(f'{name}="…"' for name in asked)
        else:
            filled = '"' + "; ".join(f"{shown(name)} = …" for name in asked) + '"'
        return f"answer({json.dumps(self.name, ensure_ascii=False)}, {filled})"

    def _is_drawn(self) -> bool:
        """Whether the graph is small enough to be looked at, and each of its names is one number."""
        scalars = not any(shape(what) for what in self.exercise.names.values())
        return scalars and len(graph.topological(self.exercise.root)) <= MOST_DRAWN

    def _formula(self) -> str:
        return f"<p>{to_mathml(self.exercise.root)}</p>" if self._is_drawn() else ""

    def _picture(self) -> str:
        """The graph with its values; as an image of its own, so that no other on the page can change it."""
        from viz import Drawing, RenderError, draw

        if not self._is_drawn():
            return ""
        full = draw(self.exercise.root).picture
        arrows = [replace(arrow, label="", tooltip="", style=_undisclosed(arrow.style)) for arrow in full.arrows]
        try:
            svg = Drawing(replace(full, arrows=arrows, description=full.summary)).svg
        except RenderError:  # there is no Graphviz here: the formula says it all
            return ""
        data = b64encode(svg.encode()).decode()
        source = f"data:image/svg+xml;base64,{data}"
        return f'<p><img alt="The computation graph" style="max-width:100%" src="{source}"/></p>'


@dataclass(frozen=True)
class QuestionTask:
    """Questions under their name. Shows itself, and not what is right."""

    name: str
    questions: Questions

    @property
    def call(self) -> str:
        """How they are answered, ready to be filled in."""
        filled = ", ".join(f"{name}=..." for name in self.questions.asked)
        return f"answer({json.dumps(self.name, ensure_ascii=False)}, {filled})"

    def __repr__(self) -> str:
        lines = [f"    {name}: {ask} ({worth})" for name, ask, worth in self._rows()]
        parts = [shown(self.questions.title or self.name, 200), _paragraphs(self.questions.task), "\n".join(lines)]
        return "\n\n".join(filter(None, [*parts, self.call]))

    def _repr_html_(self) -> str:
        title = f"<h4>{escape(shown(self.questions.title or self.name, 200))}</h4>"
        rows = [[code(name), escape(ask), escape(worth).replace(" ", "&nbsp;")] for name, ask, worth in self._rows()]
        asked = table(["", "question", "worth"], rows)
        return f"<div>{title}{paragraphs(self.questions.task)}{asked}<pre>{escape(self.call)}</pre></div>"

    def _rows(self) -> list[tuple[str, str, str]]:
        """Each question's name, what it asks, and what it is worth."""
        asked, points = self.questions.asked.items(), self.questions.points
        return [
            (name, " ".join([shown(question.ask, MOST), question.hint]).strip(), _worth(points[name]))
            for name, question in asked
        ]


def _paragraphs(text: str) -> str:
    """A task's text for a terminal, its lines as they are."""
    return "\n".join(shown(line, MOST) for line in text.split("\n"))


def _worth(points: float) -> str:
    return f"{points:g} point{'' if points == 1 else 's'}"


def _undisclosed(style: str) -> str:
    """An arrow's style without what it tells of the local derivative: that it is 0."""
    return "flows" if style == "masked" else style
