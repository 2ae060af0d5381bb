"""Nodes that go by themselves, and when."""

import pytest

from consensus_lab.zookeeper.opcodes import CreateMode, OpCode
from consensus_lab.zookeeper.records import DeleteTxn
from consensus_lab.zookeeper.settings import Settings
from tests.zookeeper.service import Client, Service

MINUTE = 60_000


@pytest.fixture
def service() -> Service:
    return Service(Settings(extended_types=True, max_session_timeout=100 * MINUTE))


@pytest.fixture
def client(service: Service) -> Client:
    return service.client(timeout=100 * MINUTE)


def test_a_container_goes_at_the_next_check_after_its_last_child(service: Service, client: Client) -> None:
    client.create("/c", flags=CreateMode.CONTAINER)
    client.create("/c/a")
    service.wait(MINUTE)
    assert "/c" in service.tree.nodes
    client.delete("/c/a")
    service.wait(MINUTE - 1)
    assert "/c" in service.tree.nodes
    service.wait(1)
    assert "/c" not in service.tree.nodes
    header, txn, _ = service.txns[-1]
    assert (header.type, header.client_id, txn) == (OpCode.delete_container, 0, DeleteTxn("/c"))


def test_a_container_that_never_had_a_child_stays(service: Service, client: Client) -> None:
    client.create("/c", flags=CreateMode.CONTAINER)
    service.wait(10 * MINUTE)
    assert "/c" in service.tree.nodes


def test_a_container_that_never_had_a_child_goes_where_an_end_is_set() -> None:
    service = Service(Settings(container_never_used=3 * MINUTE, max_session_timeout=100 * MINUTE))
    client = service.client(timeout=100 * MINUTE)
    client.create("/c", flags=CreateMode.CONTAINER)
    service.wait(3 * MINUTE)
    assert "/c" in service.tree.nodes
    service.wait(MINUTE)
    assert "/c" not in service.tree.nodes


def test_a_node_goes_when_its_time_to_live_is_over_since_it_was_last_written(service: Service, client: Client) -> None:
    client.create_ttl("/t", 90_000)
    service.wait(MINUTE)
    client.set_data("/t", b"again")
    service.wait(MINUTE)
    assert "/t" in service.tree.nodes
    service.wait(MINUTE)
    assert "/t" not in service.tree.nodes


def test_a_node_with_children_outlives_its_time(service: Service, client: Client) -> None:
    client.create_ttl("/t", 1000)
    client.create("/t/a")
    service.wait(5 * MINUTE)
    assert "/t" in service.tree.nodes
    client.delete("/t/a")
    service.wait(MINUTE)
    assert "/t" not in service.tree.nodes


def test_a_child_that_is_on_its_way_saves_its_container(service: Service, client: Client) -> None:
    client.create("/c", flags=CreateMode.CONTAINER)
    client.create("/c/a")
    client.delete("/c/a")
    service.slow = True
    client.send(OpCode.create, b"\0\0\0\4/c/b" + bytes(4) + b"\0\0\0\1\0\0\0\x1f\0\0\0\5world\0\0\0\6anyone" + bytes(4))
    service.wait(MINUTE)
    assert "/c/b" in service.tree.nodes
    assert service.txns[-1].txn.err == -111


def test_only_so_many_go_in_a_minute() -> None:
    service = Service(Settings(containers_per_minute=2, max_session_timeout=100 * MINUTE))
    client = service.client(timeout=100 * MINUTE)
    for number in range(3):
        client.create(f"/{number}", flags=CreateMode.CONTAINER)
        client.create(f"/{number}/a")
        client.delete(f"/{number}/a")
    gone = []
    for _ in range(4):
        service.wait(MINUTE // 2)
        gone.append(8 - service.tree.node_count)
    assert gone == [0, 1, 2, 3]
