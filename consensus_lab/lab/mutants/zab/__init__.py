"""Wrong answers to ZAB: each a rule that somebody has written so, and the story in which it shows.

Those with a JIRA number were in Apache ZooKeeper once, there in many more lines; most of them show in a scenario of the
course, which is then their story. Two mistakes of the same kind are none here: a follower need not recognise a proposal
that it has (issue 2 of Zab.tla), nor a leader hold back a commit for an earlier one. For on links that keep their order
a learner's history and what follows it are queued in one step, and acknowledgements come as the proposals went.
"""

from __future__ import annotations

from typing import Any

from consensus_lab.kernel import Process
from consensus_lab.lab.catalogue import scenario_path
from consensus_lab.lab.mutants import Mutant, mutant
from consensus_lab.lab.mutants.zab import leaders, learners, stories
from consensus_lab.lab.script import read_script
from consensus_lab.protocols.zab.peer import Peer

CALM = {"ticking": False}
BEHIND = {"ticking": False, "logs": ("1.1", "1.3", "1.3")}


def _told(kind: type[Process], wrong: str, rule: str, script: str, refutes: str, **cast: Any) -> Mutant:
    """It shows in a story of its own."""
    return mutant((Peer,), kind, wrong, rule, script, refutes, **cast)


def _played(kind: type[Process], wrong: str, rule: str, scenario: str, refutes: str) -> Mutant:
    """It shows in a scenario of the course."""
    path = scenario_path(f"zab/{scenario}")
    story = read_script(path.read_text("utf-8"), scenario)
    beats = "\n".join(beat.text for beat in story.beats)
    return mutant((Peer,), kind, wrong, rule, beats, refutes, **story.cast.parameters)


MUTANTS = (
    _played(
        leaders.VotesByAcceptedEpoch,
        "it votes with an epoch that it has accepted, and never entered",
        "initial_vote",
        "accepted-is-not-entered",
        "expect",
    ),
    _played(
        leaders.CountsOnItsOwnEpoch,
        "the new epoch follows on its own acceptedEpoch, whatever the others have accepted",
        "next_epoch",
        "accepted-is-not-entered",
        "expect",
    ),
    _told(
        leaders.CountsOnWhoeverSpokeLast,
        "the new epoch follows on the acceptedEpoch that was heard last, be it the lowest",
        "next_epoch",
        stories.N3_HAS_ACCEPTED_A_LATER_EPOCH_THAN_ITS_FOLLOWERS,
        "expect",
        ticking=False,
        logs=("4.1", "4.1", "4.1"),
        accepted=("4", "4", "5"),
    ),
    _played(
        leaders.LeadsInAnEpochThatWasAccepted,
        "the new epoch is the latest that anybody has accepted, which may have a leader already",
        "next_epoch",
        "accepted-is-not-entered",
        "expect",
    ),
    _told(
        leaders.ForgetsWhichEpochItAccepted,
        "after a crash it does not know which epoch it has accepted",
        "restore",
        stories.A_FOLLOWER_IS_RESTARTED,
        "expect",
        **CALM,
    ),
    _told(
        leaders.EntersItsEpochAtOnce,
        "it enters its epoch before a quorum has accepted it",
        "choose_epoch",
        stories.NO_EPOCH_BEFORE_A_QUORUM_ACCEPTS_IT,
        "expect",
        **CALM,
    ),
    _played(
        leaders.CutsNobodysLog,
        "a follower with too long a log is sent DIFF, and keeps what nobody else has (ZOOKEEPER-1154)",
        "choose_sync",
        "trunc",
        "PrimaryIntegrity",
    ),
    _played(
        leaders.SendsOnlyWhatItRemembers,
        "what was before its own epoch is missing in what it sends (ZOOKEEPER-4925)",
        "choose_sync",
        "late-joiner",
        "PrefixConsistency",
    ),
    _told(
        leaders.LeavesOutWhatIsOutstanding,
        "NEWLEADER comes before what belongs to the history with it (ZOOKEEPER-3104)",
        "synchronise",
        stories.PROPOSED_WHILE_N1_IS_WELCOMED,
        "ShouldNotBeTriggered",
        **CALM,
    ),
    _told(
        leaders.SaysNothingMoreAfterNewleader,
        "it forgets that this learner is to hear everything from now on",
        "synchronise",
        stories.ALL_SERVE_WITHIN_THREE_SECONDS,
        "expect",
        **CALM,
    ),
    _played(
        leaders.CountsAcksOfAnEarlierConnection,
        "it counts an ACK for what it has since told that follower to cut off",
        "forget_acks",
        "acknowledged-anew",
        "Durable",
    ),
    _played(
        leaders.LeadsBeforeAQuorumHasEntered,
        "it takes its own word for that of a quorum",
        "may_establish",
        "uncommitted-commits",
        "Durable",
    ),
    _told(
        leaders.LetsFollowersServeAtOnce,
        "UPTODATE comes right behind NEWLEADER, whether or not a quorum has entered the epoch",
        "synchronise",
        stories.NOBODY_SERVES_BEFORE_ITS_LEADER,
        "expect",
        **CALM,
    ),
    _told(
        leaders.ProposesOnlyToThoseWhoHaveEntered,
        "a follower that has not yet acknowledged NEWLEADER misses a proposal for ever (issue 1 of Zab.tla)",
        "proposed_to",
        stories.PROPOSED_WHILE_N1_IS_SYNCHRONISED,
        "ShouldNotBeTriggered",
        **CALM,
    ),
    _played(
        leaders.CommitsOnOneDisk,
        "one ACK is enough for it",
        "may_commit",
        "proposal-discarded",
        "Durable",
    ),
    _told(
        leaders.CommitsOnHalfOfTheDisks,
        "half of the disks are enough for it, though the other half may elect a leader",
        "may_commit",
        stories.TWO_DISKS_OF_FOUR,
        "Durable",
        servers=4,
        **CALM,
    ),
    _told(
        leaders.WaitsForEveryDisk,
        "as long as one server is slow nothing is committed",
        "may_commit",
        stories.THE_DISK_OF_N1_STANDS_STILL_AND_N2_HAS_IT,
        "expect",
        **CALM,
    ),
    _played(
        leaders.AcknowledgesWithoutItsDisk,
        "it counts itself before its own disk has the proposal",
        "propose",
        "isolated-leader",
        "Durable",
    ),
    _played(
        leaders.CountsOnForEver,
        "the counter of a zxid runs over into the epoch (ZOOKEEPER-1277)",
        "propose",
        "rollover",
        "expect",
    ),
    _played(
        leaders.LeadsOnAlone,
        "it leads on though nobody follows it any more",
        "has_quorum",
        "isolated-leader",
        "expect",
    ),
    _played(
        learners.AcceptsWithoutWriting,
        "it accepts an epoch in memory only",
        "accept_epoch",
        "normal",
        "Epochs",
    ),
    _told(
        learners.AcceptsEveryEpoch,
        "it accepts an epoch earlier than one that it has accepted before",
        "accept_epoch",
        stories.AN_EPOCH_THAT_IS_OVER,
        "Epochs",
        ticking=False,
        accepted=("5", "1", "1"),
        logs=("1.1", "1.1", "1.1"),
    ),
    _played(
        learners.EntersTheEpochBeforeItsHistory,
        "the epoch is on disk before the history that it stands for (ZOOKEEPER-4643)",
        "enter_epoch",
        "write-order",
        "expect",
    ),
    _played(
        learners.AcknowledgesBeforeTheDisk,
        "NEWLEADER is acknowledged before the history is on disk (ZOOKEEPER-4646, 4785)",
        "enter_epoch",
        "write-order",
        "expect",
    ),
    _told(
        learners.TakesTheHistoryAlone,
        "it takes the history over, and stays in the epoch before",
        "enter_epoch",
        stories.N1_IS_RESTARTED_BEFORE_UPTODATE,
        "expect",
        **BEHIND,
    ),
    _told(
        learners.EntersTheEpochWhenUpToDate,
        "NEWLEADER is acknowledged before the epoch is on disk (ZOOKEEPER-1264, 1282)",
        "persist_epoch",
        stories.THE_DISK_OF_N1_STANDS_STILL_AT_NEWLEADER,
        "expect",
        **CALM,
    ),
    _told(
        learners.KeepsTheHistoryInMemory,
        "what came with DIFF is logged only after UPTODATE (ZOOKEEPER-3911)",
        "persist_history",
        stories.N1_IS_RESTARTED_BEFORE_UPTODATE,
        "expect",
        **BEHIND,
    ),
    _played(
        learners.KeepsWhatItWasToldToCut,
        "it is told TRUNC, and cuts nothing",
        "truncate",
        "trunc",
        "expect",
    ),
    _told(
        learners.CutsOnlyItsMemory,
        "the log on disk is not cut, and nobody looks (ZOOKEEPER-3701)",
        "truncate",
        stories.CUT_AND_RESTARTED,
        "expect",
        ticking=False,
        epochs=("3", "3", "2"),
        logs=("2.1", "2.1", "2.4"),
    ),
    _played(
        learners.CutsOnlyItsLog,
        "the log is cut, and the state is not (ZOOKEEPER-1549)",
        "truncate",
        "trunc",
        "Replicas",
    ),
    _played(
        learners.MixesTheSnapshotIn,
        "a snapshot is added to what was here before (ZOOKEEPER-3642)",
        "take_snapshot",
        "proposal-discarded",
        "Replicas",
    ),
    _told(
        learners.IsWhereItsLeaderIs,
        "it believes at DIFF already that it has what DIFF announces (ZOOKEEPER-2355)",
        "take_diff",
        stories.THE_CONNECTION_BREAKS_AFTER_DIFF,
        "expect",
        **BEHIND,
    ),
    _told(
        learners.LosesWhatCameBeforeUptodate,
        "what was committed between NEWLEADER and UPTODATE is in memory only (ZOOKEEPER-1319, 962)",
        "take_over_the_rest",
        stories.RESTARTED_AFTER_UPTODATE,
        "expect",
        **CALM,
    ),
    _played(
        learners.ForgetsProposalsWithoutACommit,
        "a proposal whose commit had not come at NEWLEADER is dropped, and then committed (ZOOKEEPER-4394)",
        "committed_proposals",
        "nothing-twice",
        "ShouldNotBeTriggered",
    ),
    _played(
        learners.AcknowledgesBeforeNewleader,
        "the leader hears an ACK of a proposal where it awaits that of NEWLEADER (ZOOKEEPER-4685)",
        "queue_proposal",
        "late-joiner",
        "ShouldNotBeTriggered",
    ),
    _played(
        learners.DeliversWhatItLogs,
        "it delivers a proposal as soon as it is logged here",
        "log_proposal",
        "normal",
        "Durable",
    ),
    _told(
        learners.AcknowledgesBeforeItLogs,
        "the ACK overtakes the record",
        "log_proposal",
        stories.THE_DISK_OF_N1_STANDS_STILL_AT_A_PROPOSAL,
        "Durable",
        **CALM,
    ),
    _played(
        learners.ForgetsWhatItLogged,
        "what is on its disk is not in its memory, and so cannot be delivered",
        "log_proposal",
        "normal",
        "ShouldNotBeTriggered",
    ),
    _told(
        learners.LogsWithoutForcing,
        "it acknowledges what its disk may not have",
        "keep",
        stories.THE_DISK_OF_N1_STANDS_STILL_AT_A_PROPOSAL,
        "Durable",
        **CALM,
    ),
    _played(
        learners.StaysWhereItsMemoryWas,
        "when its role ends, its state lacks what its log holds (ZOOKEEPER-2845)",
        "give_up",
        "commit-survives",
        "LocalPrimaryOrder",
    ),
)
