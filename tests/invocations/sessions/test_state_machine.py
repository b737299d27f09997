"""Any sequence of additions, runs, failures, kills, retries and imports leads to the same results as a single run."""

from __future__ import annotations

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from invocations.events import NodeFinished, SessionFinished
from invocations.invoker import Invoker
from invocations.sessions.session import Extension
from invocations.storing.exporting import document_of
from invocations.storing.importing import session_of
from tests.invocations.bench import make_invoker
from tests.invocations.kitchen import FakeCatalog
from tests.invocations.kitchen_faults import Picky
from tests.invocations.random_graphs import KINDS, grown, plans_of
from tests.invocations.sessions.killed import InlineRunner, Killed, MortalStore

FLOW = ("iterate", "collect", "if")  # cheap nodes that run again whenever a loop or branch is expanded
deaths = st.none() | st.tuples(st.integers(0, 12), st.booleans())


def invoker_of(store: MortalStore) -> Invoker:
    return make_invoker(store, runner=InlineRunner())


class Sessions(RuleBasedStateMachine):
    """A state machine that extends, runs, kills, retries and imports one session in any order."""

    @initialize(plan=plans_of(*KINDS, "picky", "picky", "iterate", size=12))
    def begin(self, plan) -> None:
        self.nodes, self.edges = grown(plan)
        self.lines: list[Extension] = []
        self.added = 0
        self.cured = False
        self.store = MortalStore()
        self.invoker = invoker_of(self.store)
        self.session = self.invoker.create()
        self.exports = 0

    @rule(count=st.integers(1, 12))
    def add(self, count: int) -> None:
        fresh = self.nodes[self.added : self.added + count]
        ids = {node.id for node in fresh}
        edges = tuple(edge for edge in self.edges if edge.target in ids)
        if fresh:
            self.lines.append(Extension(tuple(fresh), edges, line=f"line {self.added}"))
            self.invoker.extend(self.session.id, self.lines[-1])
            self.added += len(fresh)

    @rule(how=st.sampled_from(("run", "run", "step", "retry", "resume")), death=deaths)
    def go_on(self, how: str, death) -> None:
        if how == "resume":
            self.invoker.resume(self.session.id, retry_quarantined=True)
            how = "run"
        self.watch(lambda: getattr(self.invoker, how)(self.session.id), death)

    @rule(events=st.integers(0, 6))
    def cancel(self, events: int) -> None:
        run = self.invoker.run(self.session.id)
        for number, _ in enumerate(run):
            if number == events:
                run.cancel()

    @rule()
    def kill(self) -> None:
        """Simulate a process that is killed while no node runs."""
        self.store.left = None
        self.invoker = invoker_of(self.store)
        self.session = self.invoker.open(self.session.id)
        self.invoker.trust(self.session.id)

    @rule(cured=st.booleans())
    def cure(self, cured: bool) -> None:
        self.cured = cured

    @precondition(lambda self: self.session.results)
    @rule(chosen=st.lists(st.integers(0, 40), max_size=3))
    def lose(self, chosen: list[int]) -> None:
        """Lose the content of the chosen results."""
        keys = sorted(self.session.results)
        gone = {keys[number % len(keys)] for number in chosen}
        self.invoker.forget(self.session.id, gone, self.session.graph.descendants({id_ for id_, _ in gone}))

    @rule()
    def move(self) -> None:
        """Export the session, import it, and continue with the copy."""
        self.exports += 1
        document = document_of(self.session)
        self.session = session_of(document, FakeCatalog().spec, f"copy-{self.exports}")
        self.invoker.add(self.session)
        self.invoker.trust(self.session.id)

    def watch(self, start, death) -> None:
        """Run until the end or until killed while an entry is written, and check that no result is computed twice."""
        Picky.cured = self.cured
        self.store.left, self.store.after = death or (None, False)
        had = set(self.session.results)
        try:
            for event in start():
                if isinstance(event, NodeFinished) and event.node_type not in FLOW:
                    assert (event.node_id, event.path) not in had
                    had.add((event.node_id, event.path))
        except Killed:
            self.kill()
        self.store.left = None

    @invariant()
    def every_result_is_the_one_of_an_undisturbed_run(self) -> None:
        if self.session.results:
            whole = self.undisturbed()
            for key, outputs in self.session.results.items():
                assert whole.get(key, outputs) == outputs

    def teardown(self) -> None:
        if not hasattr(self, "nodes"):
            return
        self.kill()
        self.cured = True
        self.invoker.resume(self.session.id, retry_quarantined=True)
        self.watch(lambda: self.invoker.run(self.session.id), None)
        whole = self.undisturbed()
        sinks = {node.id for node in self.nodes[: self.added]} - {edge.source for edge in self.session.graph.edges}
        for id_ in sinks:
            wanted = {key: outputs for key, outputs in whole.items() if key[0] == id_}
            assert {key: outputs for key, outputs in self.session.results.items() if key[0] == id_} == wanted
        assert not self.session.errors

    def undisturbed(self):
        """Return the results of the same lines in a single run in which nothing fails."""
        Picky.cured = True
        invoker = invoker_of(MortalStore())
        session = invoker.create()
        for line in self.lines:
            invoker.extend(session.id, line)
        assert isinstance(list(invoker.run(session.id))[-1], SessionFinished)
        return session.results


TestSessions = Sessions.TestCase
TestSessions.settings = settings(
    max_examples=60, stateful_step_count=12, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
