"""Wrong answers to Multi-Paxos: each a rule that somebody has written so, and the story in which it shows."""

from __future__ import annotations

from functools import partial

from consensus_lab.lab.mutants import mutant
from consensus_lab.lab.mutants.multi_paxos import leaders, readers, replicas, stories
from consensus_lab.protocols.multi_paxos.client import Client
from consensus_lab.protocols.multi_paxos.server import Server

_mutant = partial(mutant, (Server, Client), wishes=())

THREE_CLIENTS = {"clients": 3}
INDEX, LEASE = {"reads": "index"}, {"reads": "lease"}
SNAPSHOTS = {"snapshot_every": 1}

MUTANTS = (
    _mutant(
        leaders.TakesTheLowestVote,
        "the oldest vote told decides, not the highest",
        "choose_command",
        stories.RED_IN_ONE_LOG_BLUE_CHOSEN,
        "P2b",
    ),
    _mutant(
        leaders.TakesTheFirstVoteTold,
        "it believes whoever answers first, such as itself",
        "choose_command",
        stories.RED_IN_ONE_LOG_BLUE_CHOSEN,
        "P2b",
    ),
    _mutant(
        leaders.ForgetsWhatItWasTold,
        "it fills every slot with a no-op, also those that are chosen",
        "choose_command",
        stories.RED_IN_ONE_LOG_BLUE_CHOSEN,
        "P2b",
    ),
    _mutant(
        leaders.ClosesTheGap,
        "no no-op for the hole: the commands beyond it move down, into slots where they were not chosen",
        "commands_begun",
        stories.A_HOLE_BELOW_WHAT_IS_CHOSEN,
        "P2b",
        **THREE_CLIENTS,
    ),
    _mutant(
        leaders.LeavesTheHole,
        "no no-op for the hole: nothing beyond it is ever applied",
        "propose",
        stories.A_HOLE_BELOW_WHAT_IS_CHOSEN,
        "expect",
        **THREE_CLIENTS,
    ),
    _mutant(
        leaders.TrustsItsOwnLog,
        "it applies its own votes when it is elected, without a phase 2 in its own ballot",
        "lead",
        stories.RED_IN_ONE_LOG_BLUE_CHOSEN,
        "Agreement",
    ),
    _mutant(
        leaders.LeadsOnAfterACrash,
        "its next slot was only in its memory: it uses slot 1 a second time, in the same ballot",
        "begin_again",
        stories.A_LEADER_IS_RESTARTED,
        "OneCommandPerBallot",
    ),
    _mutant(
        leaders.CommitsWhatItProposes,
        "its commit index runs ahead of what is chosen",
        "tell_committed",
        stories.ONE_VOTE_OF_FIVE_BESIDE_ITS_OWN,
        "Chosen",
        servers=5,
    ),
    _mutant(
        leaders.CountsMessages,
        "a vote that arrives twice counts twice",
        "count_vote",
        stories.A_VOTE_ARRIVES_TWICE,
        "expect",
    ),
    _mutant(
        leaders.NeverRepeats,
        "a proposal that is lost is lost for ever",
        "beat",
        stories.BOTH_PROPOSALS_ARE_LOST,
        "expect",
    ),
    _mutant(
        leaders.VotesBeforeTheDisk,
        "the vote overtakes its record",
        "accept",
        stories.CRASH_BEFORE_THE_VOTE,
        "Chosen",
    ),
    _mutant(
        leaders.TellsOnlyItsLastVote,
        "one promise for all slots tells of one slot only",
        "promise_for",
        stories.THREE_SLOTS_CHOSEN_AND_THE_LEADER_LOST,
        "P2b",
        **THREE_CLIENTS,
    ),
    _mutant(
        leaders.WithholdsItsSnapshot,
        "slots that are only in a snapshot look as if nobody had voted there",
        "promise_for",
        stories.ONLY_A_SNAPSHOT_IS_LEFT,
        "P2b",
        **SNAPSHOTS,
    ),
    _mutant(
        replicas.IgnoresBallots,
        "it applies its vote of an old ballot when something else was committed there",
        "learn_own_votes",
        stories.CUT_OFF_WITH_A_VOTE_OF_ITS_OWN,
        "Agreement",
    ),
    _mutant(
        replicas.RunsAheadOfItsEntries,
        "what is committed and not there is taken for nothing",
        "learn_own_votes",
        stories.SLOT_1_NEVER_REACHES_S3,
        "Prefix",
    ),
    _mutant(
        replicas.TakesVotesForDecisions,
        "it applies what it has voted for, whether that is chosen or not",
        "learn_own_votes",
        stories.ONE_VOTE_OF_FIVE_BESIDE_ITS_OWN,
        "Chosen",
        servers=5,
    ),
    _mutant(
        replicas.AppliesWhatItHas,
        "out of order: slot 2 is applied in the place of slot 1",
        "apply_decisions",
        stories.SLOT_1_NEVER_REACHES_S3,
        "Agreement",
    ),
    _mutant(
        replicas.SkipsTheHole,
        "out of order: slot 2 is applied, and slot 1 never",
        "apply_decisions",
        stories.SLOT_1_NEVER_REACHES_S3,
        "Prefix",
    ),
    _mutant(
        replicas.AppliesOneAtATime,
        "what waited for a slot goes on waiting when it comes",
        "apply_decisions",
        stories.SLOT_1_NEVER_REACHES_S3,
        "expect",
    ),
    _mutant(
        replicas.PerformsAgain,
        "a request that stands in two slots takes effect twice",
        "perform",
        stories.THE_SAME_REQUEST_IN_TWO_SLOTS,
        "ExactlyOnce",
    ),
    _mutant(
        replicas.OneNumberForAllClients,
        "another client's request of the same number is taken for a repetition",
        "perform",
        stories.TWO_CLIENTS_ADD,
        "ExactlyOnce",
    ),
    _mutant(
        replicas.KeepsNoResult,
        "it knows that a request is done, and not what came of it",
        "perform",
        stories.THE_ANSWER_IS_LOST,
        "ExactlyOnce",
    ),
    _mutant(
        replicas.LeavesTheTableOut,
        "no client table in the snapshot: what it replaces can take effect again",
        "make_snapshot",
        stories.ALL_ARE_RESTARTED_WITH_A_SNAPSHOT,
        "State",
        **SNAPSHOTS,
    ),
    _mutant(
        replicas.LeavesTheStoreOut,
        "a snapshot without the store that it is of",
        "make_snapshot",
        stories.ALL_ARE_RESTARTED_WITH_A_SNAPSHOT,
        "State",
        **SNAPSHOTS,
    ),
    _mutant(
        replicas.NamesTheNextSlot,
        "a snapshot that claims a slot too many",
        "make_snapshot",
        stories.ALL_ARE_RESTARTED_WITH_A_SNAPSHOT,
        "expect",
        **SNAPSHOTS,
    ),
    _mutant(
        replicas.ForgetsItsNumbers,
        "after a crash its new request has an old number, and is taken for that one",
        "invoke",
        stories.A_CLIENT_IS_RESTARTED,
        "Linearizable",
    ),
    _mutant(
        readers.AnswersFromItsStore,
        "a deposed leader answers from an old store",
        "read",
        stories.DEPOSED_AND_ASKED,
        "Linearizable",
        **INDEX,
    ),
    _mutant(
        readers.ForgetsEarlierLeaders,
        "a new leader answers before it has applied what was chosen before it",
        "read",
        stories.A_NEW_LEADER_IS_ASKED_AT_ONCE,
        "Linearizable",
        **INDEX,
    ),
    _mutant(
        readers.ReliesOnAnOldRound,
        "that it led once is taken for proof that it leads now",
        "read",
        stories.DEPOSED_AND_ASKED,
        "Linearizable",
        **INDEX,
    ),
    _mutant(
        readers.GrantsNothing,
        "it confirms a lease, and promises to another all the same",
        "grant",
        stories.ONE_SERVER_DOES_NOT_HEAR_THE_LEADER,
        "expect",
        **LEASE,
    ),
    _mutant(
        readers.ForgetsItsGrantInACrash,
        "a grant is not on disk, so it is gone with the power",
        "begin_again",
        stories.A_GRANTOR_IS_RESTARTED,
        "expect",
        **LEASE,
    ),
)
