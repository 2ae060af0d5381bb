"""aiozk, the asyncio client, takes our server for ZooKeeper."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

import pytest
from aiozk import ACL, ZKClient, exc
from aiozk.protocol import AuthRequest, WatchEvent
from aiozk.protocol.acl import AUTHED_UNRESTRICTED
from aiozk.states import States

from tests.interop.commands import dialogue
from tests.interop.server import server_process
from tests.interop.watching import NODE_DELETED, watch_node

T = TypeVar("T")
PATIENCE = 20.0  # seconds


async def soon(awaited: Awaitable[T]) -> T:
    return await asyncio.wait_for(awaited, PATIENCE)


@asynccontextmanager
async def client_of(port: int) -> AsyncIterator[ZKClient]:
    client = ZKClient(f"127.0.0.1:{port}", session_timeout=4)
    await soon(client.start())
    try:
        yield client
    finally:
        await soon(client.close())


def test_every_operation(tmp_path: Path) -> None:
    async def run(port: int) -> None:
        async with client_of(port) as client:
            await create_in_every_mode(client)
            await set_and_delete_by_version(client)
            await commit_or_not_at_all(client)
            await keep_others_out(client, port)

    with server_process(tmp_path) as server:
        asyncio.run(run(server.port))


async def create_in_every_mode(client: ZKClient) -> None:
    assert await client.create("/p", b"data") == "/p"
    assert await client.create("/p/s-", sequential=True) == "/p/s-0000000000"
    assert await client.create("/p/e", ephemeral=True) == "/p/e"
    assert await client.create("/p/es-", ephemeral=True, sequential=True) == "/p/es-0000000002"
    assert await client.create("/c", container=True) == "/c"
    assert sorted(await client.get_children("/p")) == ["e", "es-0000000002", "s-0000000000"]
    assert await client.exists("/c")
    assert not await client.exists("/missing")
    with pytest.raises(exc.NodeExists):
        await client.create("/p")
    with pytest.raises(exc.NoNode):
        await client.create("/missing/child")


async def set_and_delete_by_version(client: ZKClient) -> None:
    data, stat = await client.get("/p")
    assert (data, stat.version) == (b"data", 0)
    assert (await client.set("/p", b"new", 0)).version == 1
    with pytest.raises(exc.BadVersion):
        await client.set("/p", b"newer", 0)
    with pytest.raises(exc.NotEmpty):
        await client.delete("/p", force=True)
    await client.deleteall("/p")
    assert not await client.exists("/p")


async def commit_or_not_at_all(client: ZKClient) -> None:
    good = client.begin_transaction()
    good.create("/t", b"0")
    good.set_data("/t", b"1", 0)
    good.check_version("/t", 1)
    result = await good.commit()
    assert (result.created, result.updated, result.checked) == ({"/t"}, {"/t"}, {"/t"})
    bad = client.begin_transaction()
    bad.delete("/t")
    bad.check_version("/t", 7)
    assert not await bad.commit()
    assert await client.get_data("/t") == b"1"


async def keep_others_out(client: ZKClient, port: int) -> None:
    await client.send(AuthRequest(type=0, scheme="digest", auth=b"alice:secret"))
    await client.create("/hers", b"secret", acl=[AUTHED_UNRESTRICTED])
    acl = await client.get_acl("/hers")
    assert acl[0].id.id.startswith("alice:")
    async with client_of(port) as stranger:
        with pytest.raises(exc.NoAuth):
            await stranger.get("/hers")
        await client.set_acl("/hers", [*acl, ACL.make("world", "anyone", read=True)], force=True)
        assert await stranger.get_data("/hers") == b"secret"


def test_every_kind_of_watch(tmp_path: Path) -> None:
    async def run(port: int) -> None:
        async with client_of(port) as client, client_of(port) as other:
            created = client.wait_for_events([WatchEvent.CREATED], "/node")
            assert not await client.exists("/node", watch=True)
            await other.create("/node")
            await soon(created)
            changed = client.wait_for_events([WatchEvent.DATA_CHANGED], "/node")
            await client.get("/node", watch=True)
            await other.set_data("/node", b"new", force=True)
            await soon(changed)
            child = client.wait_for_events([WatchEvent.CHILDREN_CHANGED], "/node")
            await client.get_children("/node", watch=True)
            await other.create("/node/child")
            await soon(child)
            deleted = client.wait_for_events([WatchEvent.DELETED], "/node/child")
            await client.exists("/node/child", watch=True)
            await other.delete("/node/child")
            await soon(deleted)

    with server_process(tmp_path) as server:
        asyncio.run(run(server.port))


def test_a_client_comes_back_after_a_restart_with_its_session_and_its_watches(tmp_path: Path) -> None:
    with server_process(tmp_path) as server:

        async def run() -> None:
            async with client_of(server.port) as client, client_of(server.port) as other:
                await client.create("/watched")
                await client.create("/mine", ephemeral=True)
                changed = client.wait_for_events([WatchEvent.DATA_CHANGED], "/watched")
                await client.get("/watched", watch=True)
                session = client.session.session_id
                lost = asyncio.ensure_future(client.session.state.wait_for(States.SUSPENDED))
                await asyncio.to_thread(server.restart)
                await soon(lost)
                _, stat = await soon(client.get("/mine"))
                assert (client.session.session_id, stat.ephemeral_owner) == (session, session)
                await soon(other.set_data("/watched", b"new", force=True))
                await soon(changed)

        asyncio.run(run())


def test_ephemerals_go_when_their_client_was_killed(tmp_path: Path) -> None:
    holding = (
        "import asyncio, sys; from aiozk import ZKClient\n"
        "async def hold():\n"
        "    client = ZKClient(sys.argv[1], session_timeout=1); await client.start()\n"
        "    await client.create('/held', ephemeral=True); print('held', flush=True); await asyncio.Event().wait()\n"
        "asyncio.run(hold())"
    )
    with server_process(tmp_path, "tickTime=200") as server:
        with dialogue(sys.executable, "-c", holding, f"127.0.0.1:{server.port}") as client:
            client.wait_for("held\n")
            seen = watch_node(server.port, "/held")
        assert seen() == (NODE_DELETED, "/held")


def test_ephemerals_go_when_their_session_ends(tmp_path: Path) -> None:
    async def run(port: int) -> None:
        async with client_of(port) as watcher:
            gone = watcher.wait_for_events([WatchEvent.DELETED], "/ephemeral")
            async with client_of(port) as leaving:
                await leaving.create("/ephemeral", ephemeral=True)
                assert await watcher.exists("/ephemeral", watch=True)
            await soon(gone)

    with server_process(tmp_path) as server:
        asyncio.run(run(server.port))
