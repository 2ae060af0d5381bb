"""Wrong answers to fast leader election: each a rule that somebody has written so, and the story in which it shows.

Those with a JIRA number were in Apache ZooKeeper once, there in many more lines.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from consensus_lab.kernel import Address, Context
from consensus_lab.lab.mutants import mutant
from consensus_lab.lab.mutants.election_stories import (
    A_BETTER_VOTE_COMES_LATE,
    A_DEAD_LEADER_IS_FOLLOWED,
    A_LATE_JOINER,
    A_LATE_QUORUM,
    A_LEADER_CAME_BACK_EMPTY,
    A_LEADER_IN_VAIN,
    A_LONGER_LOG_OF_AN_OLD_EPOCH,
    A_SHORTER_LOG_WITH_A_LARGER_NUMBER,
    A_VOTE_OF_AN_EARLIER_ROUND,
    ALL_AGREE_AT_ONCE,
    ANSWERS_TO_A_RESTARTED_FOLLOWER,
    EPOCHS_THAT_NEVER_BEGAN,
    EQUAL_LOGS_OF_UNEQUAL_EPOCHS,
    FOUR_IN_HALVES,
    NOBODY_HAS_MORE_TO_SAY,
    NOBODY_HEARS_IT,
    ONE_WEIGHS_NOTHING,
    QUIET_AT_THE_END,
    THE_LEADER_ALONE_HAS_SPOKEN,
    TWO_IN_DIFFERENT_ROUNDS,
    WITH_AN_OBSERVER,
)
from consensus_lab.protocols.election.messages import (
    FinalizeWait,
    InitLimit,
    Notification,
    NotificationTimeout,
    State,
    Vote,
    address_of,
)
from consensus_lab.protocols.election.peer import Peer

# -- what is a better vote? -------------------------------------------------------------------------------------------


class LargestNumberFirst(Peer):
    def succeeds(self, new: Vote, old: Vote) -> bool:
        return address_of(new.sid) not in self.weightless and new.sid > old.sid


class LongestLogFirst(Peer):
    def succeeds(self, new: Vote, old: Vote) -> bool:
        return address_of(new.sid) not in self.weightless and new[1:] > old[1:]


class NoTotalOrder(Peer):
    def succeeds(self, new: Vote, old: Vote) -> bool:
        later = new.peer_epoch > old.peer_epoch or (new.peer_epoch == old.peer_epoch and new.zxid > old.zxid)
        return address_of(new.sid) not in self.weightless and (later or (new.zxid == old.zxid and new.sid > old.sid))


class ElectsTheWeightless(Peer):
    def succeeds(self, new: Vote, old: Vote) -> bool:
        return new > old


class TakesEqualForBetter(Peer):
    def succeeds(self, new: Vote, old: Vote) -> bool:
        return address_of(new.sid) not in self.weightless and new >= old


# -- a vote is heard --------------------------------------------------------------------------------------------------


class KeepsToItsRound(Peer):
    def compare(self, heard: Notification, ctx: Context) -> None:
        if heard.election_epoch == self.logical_clock:
            super().compare(heard, ctx)


class KeepsOldVotes(Peer):
    def compare(self, heard: Notification, ctx: Context) -> None:
        kept = dict(self.recvset)
        super().compare(heard, ctx)
        self.recvset = kept | self.recvset


class CountsAnyRound(Peer):
    def compare(self, heard: Notification, ctx: Context) -> None:
        if heard.election_epoch >= self.logical_clock:
            super().compare(heard, ctx)
            return
        if self.succeeds(heard.vote, self.proposal):
            self.proposal = heard.vote
            self.send_notifications(ctx)
        self.recvset[ctx.sender] = heard
        self.count_votes(ctx)


class ChangesItsMindSilently(Peer):
    def compare(self, heard: Notification, ctx: Context) -> None:
        if heard.election_epoch != self.logical_clock or not self.succeeds(heard.vote, self.proposal):
            super().compare(heard, ctx)
            return
        self.proposal = heard.vote
        self.recvset |= {ctx.me: self.my_notification(), ctx.sender: heard}
        self.count_votes(ctx)


# -- votes are counted ------------------------------------------------------------------------------------------------


class SettlesAtOnce(Peer):
    def count_votes(self, ctx: Context) -> None:
        if self.quorum.reached(self.supporters(self.my_notification(), self.recvset)):
            self.settle(self.proposal, ctx)


class CountsVotersInsteadOfVotes(Peer):
    def count_votes(self, ctx: Context) -> None:
        if self.quorum.reached(self.recvset):
            self.finalizing = True
            ctx.set_timer(FinalizeWait(), 0.2)


class HalfIsEnough(Peer):
    def count_votes(self, ctx: Context) -> None:
        agreed = self.supporters(self.my_notification(), self.recvset)
        if 2 * len(agreed) >= len(self.quorum.members):
            self.settle(self.proposal, ctx)


# -- somebody has a leader --------------------------------------------------------------------------------------------


class BelievesFollowers(Peer):
    def check_leader(self, heard: Notification, votes: Mapping[Address, Notification], ctx: Context) -> bool:
        return address_of(heard.vote.sid) != ctx.me or heard.election_epoch == self.logical_clock


class LeadsOnHearsay(Peer):
    def check_leader(self, heard: Notification, votes: Mapping[Address, Notification], ctx: Context) -> bool:
        return address_of(heard.vote.sid) == ctx.me or super().check_leader(heard, votes, ctx)


class AsksAnyLeader(Peer):
    def check_leader(self, heard: Notification, votes: Mapping[Address, Notification], ctx: Context) -> bool:
        return any(kept.state is not State.LOOKING for kept in votes.values()) and (
            address_of(heard.vote.sid) != ctx.me or heard.election_epoch == self.logical_clock
        )


class JoinsOnlyItsOwnRound(Peer):
    def join(self, heard: Notification, ctx: Context) -> None:
        if heard.election_epoch == self.logical_clock:
            super().join(heard, ctx)


class KeepsItsOwnClock(Peer):
    def join(self, heard: Notification, ctx: Context) -> None:
        mine = self.logical_clock
        super().join(heard, ctx)
        self.logical_clock = mine


class BelievesTheLeaderAlone(Peer):
    def join(self, heard: Notification, ctx: Context) -> None:
        if heard.state is State.LEADING:
            self.logical_clock = heard.election_epoch
            self.settle(heard.vote, ctx)


# -- somebody is looking, and I am not --------------------------------------------------------------------------------


class AnswersForItself(Peer):
    def answer(self, heard: Notification, ctx: Context) -> None:
        if heard.state is State.LOOKING:
            ctx.reply(Notification(self.state, self.initial_vote(), self.logical_clock))


class AnswersAsIfLooking(Peer):
    def answer(self, heard: Notification, ctx: Context) -> None:
        if heard.state is State.LOOKING:
            ctx.reply(Notification(State.LOOKING, self.current, self.logical_clock))


class SaysNothing(Peer):
    def answer(self, heard: Notification, ctx: Context) -> None:
        pass


class AnswersEveryone(Peer):
    def answer(self, heard: Notification, ctx: Context) -> None:
        ctx.reply(Notification(self.state, self.current, self.logical_clock))


# -- beyond the lesson ------------------------------------------------------------------------------------------------


class VotesWithTheAcceptedEpoch(Peer):
    def initial_vote(self) -> Vote:
        return super().initial_vote()._replace(peer_epoch=self.accepted_epoch)


class StandsThoughItObserves(Peer):
    def initial_vote(self) -> Vote:
        return Vote(self.current_epoch, self.last_zxid, self.sid)


class SpeaksOnce(Peer):
    def say_again(self, silence: NotificationTimeout, ctx: Context) -> None:
        ctx.set_timer(silence, self.timeout)


class WaitsForEver(Peer):
    def abdicate(self, limit: InitLimit, ctx: Context) -> None:
        ctx.set_timer(limit, 10.0)


_mutant = partial(mutant, (Peer,))

SHORT_LOG = {"zxids": ("1.7", "1.9", "1.4")}
OLD_EPOCH = {"epochs": ("3", "3", "2"), "zxids": ("2.1", "2.1", "2.9")}
CYCLE = {"epochs": ("2", "1", "1"), "zxids": ("1.5", "1.5", "1.5")}
WEIGHTS = {"servers": 4, "weights": ("2", "1", "1", "0"), "zxids": ("1.1", "1.2", "1.1", "1.9")}
LONGEST_LAST = {"zxids": ("1.1", "1.1", "1.8")}
LONGEST_FIRST = {"zxids": ("0.5", "0.1", "0.1")}
ACCEPTED = {"epochs": ("4", "4", "3"), "accepted": ("4", "4", "5"), "zxids": ("4.7", "4.9", "3.2")}
OBSERVED = {"servers": 4, "observers": ("n4",)}
TWO, FOUR, FIVE = {"servers": 2}, {"servers": 4}, {"servers": 5}

MUTANTS = (
    _mutant(
        LargestNumberFirst,
        "a server that missed commits may win",
        "succeeds",
        A_SHORTER_LOG_WITH_A_LARGER_NUMBER,
        "HIGHEST",
        **SHORT_LOG,
    ),
    _mutant(
        LongestLogFirst,
        "what a later epoch has thrown away comes back",
        "succeeds",
        A_LONGER_LOG_OF_AN_OLD_EPOCH,
        "HIGHEST",
        **OLD_EPOCH,
    ),
    _mutant(
        NoTotalOrder,
        "ZOOKEEPER-1419: two votes are each better than the other, and nobody ever settles",
        "succeeds",
        EQUAL_LOGS_OF_UNEQUAL_EPOCHS,
        "expect",
        **CYCLE,
    ),
    _mutant(
        ElectsTheWeightless,
        "ZOOKEEPER-491: a server of weight 0 is elected",
        "succeeds",
        ONE_WEIGHS_NOTHING,
        "WEIGHT",
        **WEIGHTS,
    ),
    _mutant(
        TakesEqualForBetter, "everyone repeats what it hears, for ever", "succeeds", NOBODY_HAS_MORE_TO_SAY, "expect"
    ),
    _mutant(KeepsToItsRound, "two in different rounds never meet", "compare", TWO_IN_DIFFERENT_ROUNDS, "expect", **TWO),
    _mutant(KeepsOldVotes, "votes of two rounds are added up", "compare", A_VOTE_OF_AN_EARLIER_ROUND, "ROUND"),
    _mutant(CountsAnyRound, "a vote of an earlier round is counted", "compare", A_VOTE_OF_AN_EARLIER_ROUND, "ROUND"),
    _mutant(ChangesItsMindSilently, "nobody learns of its new vote", "compare", ALL_AGREE_AT_ONCE, "expect"),
    _mutant(
        SettlesAtOnce,
        "it does not wait for a better vote that is on its way",
        "count_votes",
        A_BETTER_VOTE_COMES_LATE,
        "expect",
        **LONGEST_LAST,
    ),
    _mutant(
        CountsVotersInsteadOfVotes,
        "votes for others count as votes for its own candidate",
        "count_votes",
        NOBODY_HEARS_IT,
        "QUORUM",
    ),
    _mutant(HalfIsEnough, "two halves elect a leader each", "count_votes", FOUR_IN_HALVES, "QUORUM", **FOUR),
    _mutant(
        BelievesFollowers,
        "ZOOKEEPER-480: a leader that has crashed is elected over and over",
        "check_leader",
        A_DEAD_LEADER_IS_FOLLOWED,
        "LEADING",
        **FIVE,
    ),
    _mutant(
        LeadsOnHearsay,
        "ZOOKEEPER-975: it leads because others say so, in a round that is not its own",
        "check_leader",
        A_LEADER_CAME_BACK_EMPTY,
        "expect",
    ),
    _mutant(
        AsksAnyLeader,
        "that somebody follows is taken for the leader's own word",
        "check_leader",
        A_DEAD_LEADER_IS_FOLLOWED,
        "LEADING",
        **FIVE,
    ),
    _mutant(JoinsOnlyItsOwnRound, "who comes late is never let in", "join", A_LATE_JOINER, "expect"),
    _mutant(KeepsItsOwnClock, "it stays in a round that nobody else is in", "join", A_LATE_JOINER, "expect"),
    _mutant(
        BelievesTheLeaderAlone,
        "it follows one that nobody else may follow",
        "join",
        THE_LEADER_ALONE_HAS_SPOKEN,
        "QUORUM",
    ),
    _mutant(AnswersForItself, "it says whom it would like, not whom it has", "answer", A_LATE_JOINER, "expect"),
    _mutant(
        AnswersAsIfLooking,
        "news of a leader is taken for a vote",
        "answer",
        ANSWERS_TO_A_RESTARTED_FOLLOWER,
        "expect",
        **FIVE,
    ),
    _mutant(SaysNothing, "who comes late is never told", "answer", A_LATE_JOINER, "expect"),
    _mutant(AnswersEveryone, "two answers answer each other without end", "answer", QUIET_AT_THE_END, "expect", **FIVE),
    _mutant(
        VotesWithTheAcceptedEpoch,
        "an epoch that never began beats a history that was committed",
        "initial_vote",
        EPOCHS_THAT_NEVER_BEGAN,
        "HIGHEST",
        **ACCEPTED,
    ),
    _mutant(
        StandsThoughItObserves,
        "ZOOKEEPER-764: an observer stands for election",
        "initial_vote",
        WITH_AN_OBSERVER,
        "OBSERVERS",
        **OBSERVED,
    ),
    _mutant(
        SpeaksOnce,
        "who was not there when it spoke never hears it",
        "say_again",
        A_LATE_QUORUM,
        "expect",
        **LONGEST_FIRST,
    ),
    _mutant(
        WaitsForEver,
        "ZOOKEEPER-3109: a leader whose voters have changed their mind waits for nobody",
        "abdicate",
        A_LEADER_IN_VAIN,
        "expect",
    ),
)
