"""Durable jobs: DBOS embedded in our process and our file, behind a small door."""

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from dbos import DBOS, DBOSClient, DBOSConfig, DBOSPortableJSONSerializer
from sqlalchemy import URL
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.ports import Kind
from storage.old_sqlite import teach_milliseconds

teach_milliseconds()
logger = logging.getLogger(__name__)
QUEUE = "jobs"
WORKFLOW = "produce"
APPLICATION_VERSION = "1"
"""Raised only for an incompatible change of the road, after a drain."""
RUNNING_PER_PERSON = 3
POLL_S = 0.2

Body = Callable[[str, str], Awaitable[None]]
"""``(job id, run id)``: the road, run again from the top after a crash."""

_body: dict[str, Body] = {}
# DBOS registers workflows by decoration at import; the body is put in when the service starts.


@DBOS.workflow(name=WORKFLOW, max_recovery_attempts=5)
async def _produce(job: str, run_id: str) -> str:
    await _body[WORKFLOW](job, run_id)
    return run_id


class DurableSteps:
    """Steps that DBOS remembers; what is stored is JSON text of the kind, never a pickle."""

    async def once(
        self, name: str, call: Callable[[], Coroutine[Any, Any, Kind]], kind: type[Kind]
    ) -> Kind:
        """Run *call* unless this step has ended before; return its record either way."""

        async def recorded() -> str:
            return (await call()).model_dump_json()

        return kind.model_validate_json(await DBOS.run_step_async({"name": name}, recorded))


class Jobs:
    """The one queue of the embedded mode: fair between people, resumed at launch."""

    def __init__(self, path: Path) -> None:
        self._url = URL.create("sqlite", database=str(path)).render_as_string(hide_password=False)
        self._client: DBOSClient | None = None
        self._launched = False
        self._active: set[asyncio.Task[Any]] = set()

    async def start(self, body: Body) -> None:
        """Launch on the running loop; what was under way when the process died goes on."""

        async def counted(job: str, run_id: str) -> None:
            task = asyncio.current_task()
            if task is None:
                raise RuntimeError("a job runs in a task")
            self._active.add(task)
            try:
                await body(job, run_id)
            finally:
                self._active.discard(task)

        _body[WORKFLOW] = counted
        config = DBOSConfig(
            name="ai-handler",
            system_database_url=self._url,
            executor_id="embedded",
            application_version=APPLICATION_VERSION,
            serializer=DBOSPortableJSONSerializer(),
            max_executor_threads=8,
            sys_db_pool_size=4,
            log_level="ERROR",
            notification_listener_polling_interval_sec=0.5,
        )
        DBOS(config=config)
        DBOS.listen_queues([QUEUE])
        DBOS.launch()
        self._launched = True
        await DBOS.register_queue_async(
            QUEUE, partition_concurrency=RUNNING_PER_PERSON, polling_interval_sec=POLL_S
        )
        self._client = await asyncio.to_thread(
            DBOSClient,
            system_database_url=self._url,
            serializer=DBOSPortableJSONSerializer(),
        )

    async def enqueue(
        self, connection: AsyncConnection, job: str, run_id: str, person_key: str
    ) -> None:
        """Put a job into the caller's open transaction."""
        client = self._client
        if client is None:
            raise RuntimeError("jobs are enqueued only while the service is started")
        await connection.run_sync(
            lambda sync: client.enqueue_in_transaction(
                sync,
                {
                    "workflow_name": WORKFLOW,
                    "queue_name": QUEUE,
                    "workflow_id": job,
                    "queue_partition_key": person_key,
                    "app_version": APPLICATION_VERSION,
                },
                job,
                run_id,
            )
        )

    async def stop(self, grace_s: int) -> None:
        """Stop taking jobs; what still runs after *grace_s* goes on at the next start."""
        if self._client is not None:
            await asyncio.to_thread(self._client.destroy)
            self._client = None
        if self._launched:
            # Its executor, which it had made the loop's, goes with it: the loop gets another
            # before that, so that what still runs can end in the time that it has.
            asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor())
            # DBOS sleeps a whole second before it looks whether anything runs at all.
            wait_s = grace_s if self._active else 0
            await _in_own_thread(lambda: DBOS.destroy(workflow_completion_timeout_sec=wait_s))
            self._launched = False
            await self._park()

    async def _park(self) -> None:
        # Before the doors close: what fails of a closed client would be taken for an answer.
        left = list(self._active)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)


async def _in_own_thread(call: Callable[[], None]) -> None:
    # Not by the loop's executor: DBOS shuts that one down while it is destroyed.
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()

    def run() -> None:
        try:
            call()
        finally:
            loop.call_soon_threadsafe(ended.set)

    threading.Thread(target=run, name="stop-jobs", daemon=True).start()
    await ended.wait()
