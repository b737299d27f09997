"""Important lines of code, each with a faulty version and the tests that must detect the fault."""

from __future__ import annotations

from typing import Final, NamedTuple

MISSED: Final = 2  # maximum number of faults that the tests may miss


class Row(NamedTuple):
    """A line of code that occurs once in its file, and the faulty code that replaces it."""

    about: str
    file: str
    line: str
    instead: str
    tests: str


KEYS = "tests/invocations/cache"
GRAPH = "tests/invocations/graph"
SESSIONS = "tests/invocations/sessions"
STORING = "tests/invocations/storing"
SERVICES = "tests/invocations/services"
IMPORTED = "tests/invokeai_cli/directives/test_imported_session.py"
DEATHS = "tests/invokeai_cli/test_deaths.py"
POOL = "tests/invocations/running/workers/test_pool.py"
AHEAD = "tests/workflows/scripts/test_lines_ahead.py tests/workflows/scripts/test_same_with_workers.py"
STOPPED = "tests/invocations/running/workers/test_stopped_steps.py"
ENDS = "tests/invocations/running/workers/test_worker_ends.py"
FOREIGN = "tests/core/test_foreign.py"
RECIPES = "tests/workflows/recipes tests/workflows/planning/test_inner_options.py"
REPLAY = "tests/workflows/test_replay.py tests/invokeai_cli/directives/test_replay.py"
ENGINE = "tests/invocations/running/engine"
LINK = "tests/workflows/planning/test_link.py tests/workflows/planning/test_link_options.py"

ROWS: Final = (
    # faults in the keys of cached results
    Row("the version is in the key", "invocations/cache/keys.py",
        "canonical([spec.type, spec.version])", "canonical([spec.type])", KEYS),
    Row("the type is in the key", "invocations/cache/keys.py",
        "canonical([spec.type, spec.version])", "canonical([spec.version])", KEYS),
    Row("the environment is in the key", "invocations/cache/keys.py",
        "start = hashlib.sha256(canonical(environment).encode())", "start = hashlib.sha256()", KEYS),
    Row("the device is in the key of nodes with images", "invocations/cache/keys.py",
        "environment |= self._computing()", "pass", KEYS),
    Row("a plug-in's source is in the key", "invocations/cache/keys.py",
        'environment["source"] = self._source_of(spec)', "pass", KEYS),
    Row("a file's content is in the key", "invocations/cache/keys.py",
        "named[name] = found[0]", "named[name] = found[1]", KEYS),
    Row("a model's hash is in the key", "invocations/cache/keys.py",
        "named[name] = [model.name, model.model, model.path]", "named[name] = [model.model, model.path]", KEYS),
    Row("a node whose result depends on more than its inputs has no key", "invocations/cache/keys.py",
        "if not spec.reusable:\n            return None", "if False:\n            return None", KEYS),
    Row("a node without its seed has no key", "invocations/cache/keys.py",
        "if None in [whole.get(name) for name in known.seeds]:", "if False:", KEYS),
    Row("a file that has changed is hashed again", "invocations/cache/keys.py",
        "{found.st_size} {found.st_mtime_ns}", "", KEYS),
    Row("defaults are in the key", "invocations/cache/keys.py",
        "whole = {**known.defaults, **inputs}", "whole = {**inputs}", KEYS),
    Row("a result whose content is lost is a miss", "invocations/cache/local.py",
        "if not all(self._is_there(ref) for value in found.outputs.values() for ref in refs_in(value)):", "if False:",
        KEYS),
    Row("a damaged row is a miss", "invocations/cache/local.py",
        "        except MALFORMED:\n            return None\n        if not all",
        "        except KeyError:\n            return None\n        if not all",
        "tests/invokeai_cli/test_foreign_files.py " + KEYS),
    Row("the cache drops the oldest entry first", "invocations/cache/index.py",
        "order by used, rowid limit 1", "order by used desc limit 1", KEYS),
    Row("a fresh file, which another process may need, is kept", "invocations/cache/local.py",
        "if not index.still_needed(name) and time.time() - os.stat(file).st_mtime >= grace:",
        "if not index.still_needed(name):", KEYS),
    # faults in the journal
    Row("an entry is stored before it counts", "invocations/running/recorder.py",
        "        self.job.store.append(self.session.id, entry)\n        self.session.apply(entry)",
        "        self.session.apply(entry)\n        self.job.store.append(self.session.id, entry)",
        "tests/invokeai_cli/test_full_disk.py " + SESSIONS + " " + STORING),
    Row("a file is claimed before it is written", "invocations/services/images/local.py",
        "            if request.claim is not None:",
        "            if False:", "tests/invokeai_cli/test_resume.py " + SERVICES),
    Row("a claim is synced to disk", "invocations/storing/local.py",
        "                durable = Claimed in map(type, entries)",
        "                durable = False",
        STORING),
    Row("a missing entry damages the session", "invocations/storing/local.py",
        "if number != expected:", "if False:", STORING),
    Row("a start is recorded", "invocations/running/attempt.py",
        "self._record(Began(id_, kind, path, time, boot_id()))", "pass", DEATHS),
    Row("a session that another process uses is not removed", "invocations/storing/local.py",
        '        if self.in_use(session_id):\n            raise', '        if False:\n            raise', STORING),
    Row("lines of another process are not overwritten", "invocations/storing/local.py",
        "if _count(entries) and found[0][0] != lines:", "if False:", STORING),
    Row("a transaction is rolled back as a whole", "invocations/storing/database.py",
        'connection.execute("rollback")', "pass", STORING + " tests/invokeai_cli/test_full_disk.py"),
    Row("a file of a later version is refused", "invocations/storing/tables.py",
        "if not 0 <= found <= VERSION:", "if False:", STORING),
    # faults in resuming
    Row("a reopened node's runs are prepared again", "invocations/graph/expand.py",
        "                del self.pending[key]", "                pass", SESSIONS),
    Row("a step that was prepared again is not run twice", "invocations/running/execute.py",
        "if step is not None and schedule.is_current(step):", "if step is not None:", SESSIONS),
    Row("lost results are looked for", "invocations/sessions/lost_results.py",
        "if key in session.results and not all(map(is_there, refs_at(session, key))):", "if False:",
        SESSIONS + " tests/invokeai_cli/test_resume.py"),
    Row("what a lost result came from is looked at too", "invocations/sessions/lost_results.py",
        "            waiting.extend(fresh)", "            pass", SESSIONS),
    Row("a restart of the machine resets the deaths", "invocations/sessions/session.py",
        "return starts if found == boot else 0", "return starts", DEATHS),
    Row("a quarantined node is not run", "invocations/running/attempt.py",
        "return None if is_safe and (where[1], where[3]) not in self._session.quarantined else quarantine()",
        "return None if is_safe else quarantine()", DEATHS),
    Row("a node that died twice runs alone", "invocations/running/attempt.py",
        "if self._job.alone is not None and self._starts(where) > MAX_DEATHS:", "if False:", DEATHS),
    Row("only one run of a session at a time", "invocations/running/execute.py",
        "if not session.running.acquire(blocking=False):", "if False:", SESSIONS),
    # faults in workers
    Row("the answer of an earlier attempt is dropped", "invocations/running/workers/pool.py",
        "(given.worker, given.attempt) == (report.worker, report.attempt)", "given.worker == report.worker", POOL),
    Row("the answer of a worker that does not have the task is dropped", "invocations/running/workers/pool.py",
        "(given.worker, given.attempt) == (report.worker, report.attempt)", "given.attempt == report.attempt", STOPPED),
    Row("the number of a task is used once", "invocations/running/workers/pool.py",
        "next(self._workers.numbers)", "len(self._at_work) + len(self._waiting) + 1", STOPPED),
    Row("a step that stops by itself is not taken for done", "invocations/running/workers/pool.py",
        "self.is_stopped = self.is_stopped or self._deadline is None", "pass", STOPPED),
    Row("what is done counts although another step stops", "invocations/running/execute.py",
        "made = None if is_cancelled else self.compute(ready)", "made = self.compute(ready)", STOPPED),
    Row("what a killed worker still sends is dropped", "invocations/running/workers/processes.py",
        "            if not found.is_unwanted:", "            if True:", ENDS),
    Row("a worker that ended unnoticed is found", "invocations/running/workers/processes.py",
        "if ended and not self._selector.select(0.0):", "if False:", ENDS),
    Row("steps with one key run once", "invocations/running/workers/in_flight.py",
        "if waiting is None:", "if True:", POOL),
    Row("a node that ended three workers does not run again", "invocations/running/attempt.py",
        "return quarantine(why, THRICE) if self._starts(where) > MAX_DEATHS else None", "return None", POOL),
    Row("a worker with other versions is not used", "invocations/running/workers/base.py",
        "        if own != other:", "        if False:", "tests/invocations/running/workers/test_processes.py"),
    Row("images are saved in order", "invocations/running/schedule.py",
        "return self._queue.take() if is_early else self._last.take()", "return self._last.take()",
        "tests/workflows/test_jobs.py"),
    Row("a directive is a barrier for lines ahead", "workflows/scripts/lines_ahead.py",
        "if each.is_directive or count == self.most or", "if count == self.most or", AHEAD),
    Row("a line waits for a file that an earlier one saves", "workflows/scripts/lines_ahead.py",
        "return not os.path.isfile(path) or files.may_match(path)", "return False", AHEAD),
    Row("a later line fails in its turn", "invocations/running/turn.py",
        "        if where[1] in self.own:", "        if True:", AHEAD),
    Row("a node of a later line that is stopped did not crash", "invocations/running/turn.py",
        "for entry in self.ahead.begun(self.session, self.own):", "for entry in ():", AHEAD),
    # faults in atomic writes
    Row("bytes are flushed before the name appears", "core/imaging/atomic.py",
        "                os.fsync(file.fileno())", "                pass", "tests/core/imaging " + STORING),
    Row("names are flushed too", "core/imaging/atomic.py",
        "_sync_folders({path.parent, *(folder.parent for folder in made)})", "pass", "tests/core/imaging " + STORING),
    Row("an existing file is not replaced unasked", "core/imaging/atomic.py",
        "    if overwrite:\n", "    if True:\n", "tests/core/imaging " + SERVICES),
    Row("no partial file remains", "core/imaging/atomic.py",
        "            partial.unlink()\n\n\ndef sweep",
        "            pass\n\n\ndef sweep", "tests/core/imaging " + SERVICES),
    Row("partial files of running processes stay", "core/imaging/atomic.py",
        "and not _is_running(int(number)):", ":", "tests/core/imaging"),
    Row("a damaged image in the store is written again", "invocations/services/images/store.py",
        "    return is_whole_png(file)", "    return file.exists()", SERVICES + " " + STORING),
    Row("settings are replaced, not written in place", "workflows/settings/folders.py",
        "        os.replace(temporary, path)", "        import shutil\n\n        shutil.copyfile(temporary, path)",
        "tests/workflows/settings"),
    Row("the mode of the settings file is kept", "workflows/settings/folders.py",
        "shutil.copymode(path, temporary)", "pass", "tests/workflows/settings"),
    Row("settings are changed under a lock", "invocations/file_lock.py",
        "fcntl.flock(number, fcntl.LOCK_EX)", "pass", "tests/workflows/settings"),
    # faults in seeds
    Row("a missing seed is picked", "invocations/sessions/session.py",
        "if node.inputs.get(name) is None and (node.id, name) not in linked", "if False", SESSIONS),
    Row("a linked seed is not picked", "invocations/sessions/session.py",
        "if node.inputs.get(name) is None and (node.id, name) not in linked", "if node.inputs.get(name) is None",
        SESSIONS),
    Row("an image's noise depends on its own seed", "core/latents/noise.py",
        'Generator("cpu").manual_seed(seed)', 'Generator("cpu").manual_seed(seeds[0])', "tests/core/latents"),
    Row("the largest seed is 2^64 - 1", "core/latents/noise.py",
        "if not 0 <= seed <= MAX_SEED:", "if not 0 <= seed < MAX_SEED:", "tests/core/latents"),
    Row("a node's own seed depends on its path", "invocations/running/context.py",
        "{self.node_id}\\n{self._path}", "{self.node_id}", "tests/invocations"),
    # faults in checks of paths
    Row("a template stays inside its folder", "invocations/services/images/target.py",
        "if inside and not path.resolve().is_relative_to(folder.resolve()):", "if False:", SERVICES),
    Row("a name in the image store is a hash", "invocations/services/images/store.py",
        "if not NAME.fullmatch(name):", "if False:", SERVICES),
    Row("facts cannot leave the folder", "invocations/services/images/names.py",
        "return FILLED + path_part(format(value, form))", "return FILLED + format(value, form)", SERVICES),
    Row("a model that is a path is a file", "workflows/importers/safety.py",
        "if field.completes != MODEL or _is_path(text):", "if field.completes != MODEL:", REPLAY),
    Row("a device is not read", "core/foreign.py",
        "if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode) or inherited):", "if False:", FOREIGN),
    Row("a file above the limit is refused", "core/foreign.py",
        "    if len(data) > limit:", "    if False:", FOREIGN),
    Row("deep data is refused", "core/foreign.py",
        "    raise ForeignData(TOO_DEEP)", "    return", FOREIGN),
    # faults in linking
    Row("a written value wins over a link", "workflows/planning/link.py",
        "return [field for field in draft.spec.inputs if field.name not in draft.contents]",
        "return list(draft.spec.inputs)", LINK),
    Row("the pipe comes before a name", "workflows/planning/link.py",
        '            _fill(draft, primary, previous, "piped")', "            pass", LINK),
    Row("two equally near outputs are ambiguous", "workflows/planning/link.py",
        "    if len(found) > 1:", "    if False:", LINK),
    Row("only required references are linked by type", "workflows/planning/link.py",
        "if not (field.required and _link_by_type(draft, field, chain)):",
        "if not _link_by_type(draft, field, chain):", LINK),
    # faults in recipes
    Row("a word after a positional input of a recipe keeps its place", "workflows/recipes/stored.py",
        "leaves_gap = leaves_gap or is_alone", "leaves_gap = False", RECIPES),
    Row("a recipe is replaced only on request", "workflows/recipes/collection.py",
        "            if not overwrite:", "            if False:", RECIPES),
    Row("a word that only names an input is left out of the pipeline", "workflows/planning/recipe_words.py",
        "yield None if waits or follows or _is_set(argument.value, fields) else argument", "yield argument", RECIPES),
    # faults in permissions
    Row("a replay uses no network", "workflows/replay.py",
        "    if goes_online(plan.nodes):", "    if False:", REPLAY),
    Row("a replay writes no file of its choice", "workflows/replay.py",
        "    if targets := writes(plan.nodes, catalog):", "    if targets := []:", REPLAY),
    Row("an imported session does not run unasked", "invocations/invoker.py",
        "        if not self.is_trusted(session):", "        if False:", STORING + " " + IMPORTED),
    Row("an imported session is never the latest", "workflows/chosen_session.py",
        "SessionFilter(limit=1, own=True)", "SessionFilter(limit=1)", IMPORTED),
    Row("times of an imported session end now", "invocations/storing/importing.py",
        "return min(max(number(value), 0.0), self.now)", "return number(value)", IMPORTED),
    Row("a save that overwrites is named", "workflows/imported_session.py",
        "elif OVERWRITE in linked or node.inputs.get(OVERWRITE):", "elif False:", IMPORTED),
    Row("a line that does not make its nodes is replaced", "workflows/imported_session.py",
        'yield line.text if honest else "; ".join(written)', "yield line.text", IMPORTED),
    # faults in the warm engine
    Row("a socket that others may use is refused", "invocations/running/engine/place.py",
        "    if found.st_mode & 0o077:", "    if False:", ENGINE),
    Row("a socket of another user is refused", "invocations/running/engine/place.py",
        "    if found.st_uid != os.getuid():", "    if False:", ENGINE),
    Row("a process of another user is disconnected", "invocations/running/engine/connections.py",
        "            if not is_own(link) or ", "            if ", ENGINE),
    Row("a client does not use a socket of another user", "invocations/running/engine/link.py",
        "        if not is_own(link):", "        if False:", ENGINE),
    Row("a client that differs gets no work done", "invocations/running/engine/server.py",
        "        if not difference(self._facts, message):", "        if True:", ENGINE),
    Row("a closed connection is a cancel", "invocations/running/engine/server.py",
        """        self._turns.drop(client)
        if client.loop is not None:
            client.loop.end()""", "        self._turns.drop(client)", ENGINE),
    Row("a step of an engine that crashed runs again", "invocations/running/engine/client.py",
        '            self._reports.append(WorkerLost(WORKER, "its connection ended"))', "            pass", ENGINE),
    Row("an engine keeps the order of nodes", "invocations/running/schedule.py",
        "            return None if self._pool.is_busy else self._queue.take()",
        "            return self._queue.take()",
        "tests/invocations/running/workers/test_one_worker.py"),
)  # fmt: skip
