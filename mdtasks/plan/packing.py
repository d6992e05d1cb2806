"""Put jobs into free time, in whole minutes: the search does it many thousand times.

Rule: nothing is moved once it stands; the order of the jobs decides. Minutes count from the
midnight that begins the frame. Time is kept a day apart, so that to try another order copies a
few lists and not the week.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

# Half-open [start, end), its start on the grid; `only` as of a slot.
Gap = tuple[int, int, str]
Gaps = tuple[Gap, ...]
Piece = tuple[int, int, int]  # start, end, number of its day
Windows = tuple[tuple[int, int], ...]

NEVER = 1 << 40
ANY = ("",)
WHOLE = 1000  # weights of missed dates are summed in thousandths, so that equal sums are equal


class Item(NamedTuple):
    """A job in minutes: `left` is still to be placed, from `ready` to `until`.

    `latest` is when it must be done for the due dates of all that wait for it. `done` is set
    where nothing is left, and `stuck` where it waits for what has no place.
    """

    left: int
    ready: int
    until: int
    deadline: int
    latest: int
    saved: bool  # whether the deadline can still be kept
    weight: float
    small: bool
    after: frozenset[int]
    purposes: frozenset[str]
    likes: Windows
    done: int | None
    stuck: bool
    hurries: bool  # whether its deadline is worth an overfull day
    whole: bool  # never cut
    soft: frozenset[int]  # those of `after` that it would rather wait for than must


class Grid(NamedTuple):
    """What a piece must keep to, in minutes."""

    step: int
    least: int
    longest: int
    buffer: int
    load: int
    now: int
    nights: tuple[int, ...]  # where each day ends
    never: int  # when what has no place counts as done


class Prices(NamedTuple):
    """What an hour costs, against an hour of waiting: past the due date, outside of the times of
    day that a job likes, and (for all, not by weight) of focus beyond the daily load."""

    tardiness: float
    liking: float
    overload: float


class Room:
    """Free time and the minutes of focus, by day; `spare` is what the daily load leaves in all.

    A value: `put` makes a new one.
    """

    __slots__ = ("focus", "gaps", "over", "spare")

    def __init__(self, gaps: list[Gaps], focus: list[int], spare: int, over: int) -> None:
        self.gaps = gaps
        self.focus = focus
        self.spare = spare
        self.over = over

    def copy(self) -> Room:
        return Room(self.gaps.copy(), self.focus.copy(), self.spare, self.over)

    def is_like(self, other: Room) -> bool:
        return self is other or (self.gaps == other.gaps and self.focus == other.focus)


class Price(NamedTuple):
    """The weight of a due date missed, in thousandths, and weighted hours."""

    missed: int
    hours: float


class Packing:
    """Items, and the rules by which one after the other is put into a room."""

    def __init__(
        self,
        items: Sequence[Item],
        grid: Grid,
        prices: Prices,
        gaps: list[Gaps],
        focus: list[int],
    ) -> None:
        self.items = items
        self.grid = grid
        self.prices = prices
        spare = sum(max(0, grid.load - day) for day, some in zip(focus, gaps, strict=True) if some)
        over = sum(max(0, day - grid.load) for day in focus)
        # In shorter gaps, nothing finds a place.
        self.shortest = min((min(item.left, grid.least) for item in items if item.left), default=1)
        gaps = [tuple(gap for gap in some if gap[1] - gap[0] >= self.shortest) for some in gaps]
        self.room = Room(gaps, focus, spare, over)
        self.reserved = frozenset(gap[2] for some in gaps for gap in some) - {""}
        self.without = [self.price(item, ()) for item in items]

    def put(
        self, item: Item, ends: Sequence[int | None], room: Room
    ) -> tuple[tuple[Piece, ...], Room]:
        """Return the pieces of an item, all or none, and the room that they leave.

        `ends` has where those end that it waits for.
        """
        left, ready = item.left, item.ready
        if item.stuck or not left or (left > room.spare and not (item.saved or item.small)):
            return (), room
        for other in item.after - item.soft if item.soft else item.after:
            end = ends[other]
            if end is None:
                return (), room
            if end > ready:
                ready = end
        later = self._rather(item, ends, ready) if item.soft else ready
        if item.likes or self.reserved:
            pieces = self._chosen(item, later, room)
        else:
            pieces = self._within_load(item, later, room, ANY, ())
        if later > ready and (not pieces or pieces[-1][1] > item.deadline):
            pieces = self._chosen(item, ready, room)
        if pieces:
            room = room.copy()
            for piece in pieces:
                self._take(piece, room, focus=not item.small)
        return pieces, room

    def _rather(self, item: Item, ends: Sequence[int | None], ready: int) -> int:
        """Return from when it is after what it would rather, but need not, wait for."""
        return max([ready, *(end for other in item.soft if (end := ends[other]))])

    def price(self, item: Item, pieces: Sequence[Piece]) -> Price:
        """Return what it costs that the item ends with the last of `pieces`; () is nowhere."""
        end = pieces[-1][1] if pieces else item.done
        done = self.grid.never if end is None else end
        hours = item.weight * (done - self.grid.now) / 60
        missed = 0
        if done > item.deadline:
            hours += self.prices.tardiness * item.weight * (done - item.deadline) / 60
            missed = round(item.weight * WHOLE) if item.saved else 0
        if item.likes:
            hours += self.prices.liking * item.weight * outside(pieces, item.likes) / 60
        return Price(missed, hours)

    # Where to

    def _chosen(self, item: Item, ready: int, room: Room) -> tuple[Piece, ...]:
        """Return the pieces in reserved time where that costs no due date, else the cheapest."""
        if item.purposes and not item.purposes.isdisjoint(self.reserved):
            own = self._liked(item, ready, room, item.purposes)
            if own and own[-1][1] <= item.latest:
                return own
        return self._liked(item, ready, room, (*item.purposes, ""))

    def _liked(
        self, item: Item, ready: int, room: Room, purposes: Collection[str]
    ) -> tuple[Piece, ...]:
        anywhere = self._within_load(item, ready, room, purposes, ())
        if not item.likes or not anywhere or not outside(anywhere, item.likes):
            return anywhere
        liked = self._within_load(item, ready, room, purposes, item.likes)
        options = [pieces for pieces in (liked, anywhere) if pieces]
        return min(options, key=lambda pieces: self.price(item, pieces))

    def _within_load(
        self, item: Item, ready: int, room: Room, purposes: Collection[str], likes: Windows
    ) -> tuple[Piece, ...]:
        """Return the pieces; the daily load gives way only where that keeps a due date."""
        load = NEVER if item.small else self.grid.load
        pieces: tuple[Piece, ...] = ()
        if item.small or item.left <= room.spare:
            pieces = self._fit(item, _Bounds(ready, item.until, load, purposes, likes), room)
        in_time = bool(pieces) and pieces[-1][1] <= item.deadline
        if item.small or not (item.saved and item.hurries) or in_time:
            return pieces
        until = min(item.until, item.deadline)
        return self._fit(item, _Bounds(ready, until, NEVER, purposes, likes), room) or pieces

    def _fit(self, item: Item, bounds: _Bounds, room: Room) -> tuple[Piece, ...]:
        """Return the fewest pieces, or more where that keeps the due date or saves a day."""
        uncut = item.whole or item.left <= self.grid.longest
        if uncut and not bounds.likes:
            few = self._uncut(item.left, bounds, room)
        else:
            few = self._pieces(item, bounds, room, fills=False)
        if not uncut:
            # As many pieces, the first as long as can be, where that ends sooner.
            long = self._pieces(item, bounds, room, fills=False, evenly=False)
            if long and (not few or (long[-1][1] < few[-1][1] and len(long) <= len(few))):
                few = long
        if item.whole or item.left < 2 * self.grid.least:
            return few
        if few:
            # What would not end a day earlier, or in time, is not looked for.
            _, end, day = few[-1]
            enough = item.deadline if end > item.deadline else 0
            dawn = self.grid.nights[day - 1] if day else 0
            enough = max(enough, dawn) if dawn > bounds.ready else enough
            if enough <= bounds.ready:
                return few
            if enough < bounds.until:
                bounds = _Bounds(bounds.ready, enough, *bounds[2:])
        if not self._has_room(item.left, bounds, room):
            return few
        return self._pieces(item, bounds, room, fills=True) or few

    def _days(self, bounds: _Bounds) -> range:
        nights = self.grid.nights
        last = min(bisect_left(nights, bounds.until) + 1, len(nights))
        return range(bisect_right(nights, bounds.ready), last)

    def _has_room(self, left: int, bounds: _Bounds, room: Room) -> bool:
        """Whether the days on which a piece may fit leave so much: if not, none need be tried."""
        least, load = self.grid.least, bounds.load
        for day in self._days(bounds):
            allowed = load - room.focus[day]
            if allowed >= least and room.gaps[day]:
                left -= allowed
                if left <= 0:
                    return True
        return False

    def _pieces(
        self, item: Item, bounds: _Bounds, room: Room, *, fills: bool, evenly: bool = True
    ) -> tuple[Piece, ...]:
        """Return the earliest pieces; `fills` also takes gaps too short for an even share, and
        not `evenly` gives each piece as much as its gap and the last piece allow."""
        step, shortest, longest, buffer = self.grid[:4]
        ready, until, load, purposes, likes = bounds
        left = item.left
        longest = left if item.whole else longest
        least = left if item.whole or left < shortest else shortest
        share = even_share(left, longest, step)
        pieces: list[Piece] = []
        for day in self._days(bounds):
            allowed = load - room.focus[day]
            if allowed < least:
                continue
            gaps = room.gaps[day]
            for start, end, only in liked_gaps(gaps, likes, step) if likes else gaps:
                if end <= ready or only not in purposes:
                    continue
                if start < ready:
                    start += -(-(ready - start) // step) * step
                space = min(end, until) - start
                while space >= least and allowed >= least:
                    size = min(space, allowed)
                    if size >= share:
                        size = share if evenly else longer(size, left, longest, shortest, step)
                    else:
                        size = min(size, left - shortest) // step * step
                        if not fills or size < shortest:
                            break
                    pieces.append((start, start + size, day))
                    left -= size
                    if not left:
                        return tuple(pieces)
                    ready = start + size + buffer
                    taken = -(-(size + buffer) // step) * step
                    start += taken
                    space -= taken
                    allowed -= size
                    share = even_share(left, longest, step)
        return ()

    def _uncut(self, left: int, bounds: _Bounds, room: Room) -> tuple[Piece, ...]:
        """Return the earliest place for so many minutes at a stretch."""
        ready, until, load, purposes, _ = bounds
        step, most = self.grid.step, load - left
        for day in self._days(bounds):
            if room.focus[day] > most:
                continue
            for start, end, only in room.gaps[day]:
                if end - start < left or end < ready + left or only not in purposes:
                    continue
                begins = start
                if start < ready:
                    begins += -(-(ready - start) // step) * step
                if begins + left <= min(end, until):
                    return ((begins, begins + left, day),)
        return ()

    def _take(self, piece: Piece, room: Room, *, focus: bool) -> None:
        """Take a piece and the buffers around it out of the room."""
        start, end, day = piece
        nights, buffer, step = self.grid.nights, self.grid.buffer, self.grid.step
        if focus:
            length = end - start
            within = min(max(0, self.grid.load - room.focus[day]), length)
            room.focus[day] += length
            room.spare -= within
            room.over += length - within
        first, last = start - buffer, end + buffer
        room.gaps[day] = less(room.gaps[day], first, last, step, self.shortest)
        if last <= nights[day] and not (day and first < nights[day - 1]):
            return
        # Where the hours go on over midnight, buffers do too.
        other = day
        while other and first < nights[other - 1]:
            other -= 1
            room.gaps[other] = less(room.gaps[other], first, last, step, self.shortest)
        while day + 1 < len(nights) and last > nights[day]:
            day += 1
            room.gaps[day] = less(room.gaps[day], first, last, step, self.shortest)


class _Bounds(NamedTuple):
    """From when to when pieces may stand, how much of a day they may fill, and in which time."""

    ready: int
    until: int
    load: int
    purposes: Collection[str]
    likes: Windows


def even_share(left: int, longest: int, step: int) -> int:
    """Return how long the next piece is where what is left is cut into even ones."""
    return -(-left // (-(-left // longest) * step)) * step


def longer(size: int, left: int, longest: int, shortest: int, step: int) -> int:
    """Return the longest piece, up to `size`, that leaves nothing or enough for another piece."""
    most = min(size, left, longest) // step * step
    return most if most == left else min(most, (left - shortest) // step * step)


def less(gaps: Gaps, first: int, last: int, step: int, shortest: int) -> Gaps:
    """Return the gaps without [first, last), no shorter than `shortest`; their starts stay on
    the grid."""
    found: list[Gap] = []
    for gap in gaps:
        start, end, only = gap
        if end <= first or last <= start:
            found.append(gap)
            continue
        if first - start >= shortest:
            found.append((start, first, only))
        start += -(-(last - start) // step) * step
        if end - start >= shortest:
            found.append((start, end, only))
    return tuple(found)


def liked_gaps(gaps: Gaps, likes: Windows, step: int) -> Iterator[Gap]:
    """Yield the parts of the gaps that lie in `likes`, which come earliest first."""
    for start, end, only in gaps:
        for begins, ends in likes:
            first = start + max(0, -(-(begins - start) // step) * step)
            last = min(end, ends)
            if first < last:
                yield first, last, only


def outside(pieces: Sequence[Piece], likes: Windows) -> int:
    """Return how many minutes of the pieces lie outside of `likes`, which do not overlap."""
    return sum(
        end - start - sum(max(0, min(end, e) - max(start, s)) for s, e in likes)
        for start, end, _ in pieces
    )


def everything(packing: Packing, order: Sequence[int]) -> dict[int, tuple[Piece, ...]]:
    """Return the pieces of the items, put in that order, by number."""
    room = packing.room
    ends: list[int | None] = [item.done for item in packing.items]
    found: dict[int, tuple[Piece, ...]] = {}
    for number in order:
        item = packing.items[number]
        pieces, room = packing.put(item, ends, room)
        if pieces:
            ends[number] = pieces[-1][1]
        elif item.left:
            ends[number] = None
        found[number] = pieces
    return found
