package filetree

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"time"
)

// A watchBudget is how many watches all roots may still set, if that is limited.
type watchBudget struct {
	limit int        // 0 for none
	mu    sync.Mutex // guards used; held with no other lock
	used  int
}

func (b *watchBudget) take() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.limit > 0 && b.used >= b.limit {
		return false
	}
	b.used++
	return true
}

func (b *watchBudget) give(n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.used -= n
}

// attachment is what is open of a root while it can be reached.
type attachment struct {
	root     *os.Root
	notifier *notifier // nil if there are no events
	watches  int
	skip     map[FileID]bool
	polled   map[*dir]Reason // folders that are looked at every so often, and why
	polledBy map[Reason]int
}

// poll sees whether the root is there, and begins a look at what has no watch.
func (k *keeper) poll(ctx context.Context, now time.Time) {
	k.nextPoll = now.Add(k.opts.PollEvery)
	info, err := statPath(k.root.Path)
	if err == nil && info.Kind != Folder {
		err = syscall.ENOTDIR
	}
	switch {
	case err != nil:
		k.away(ctx, cause(err))
		return
	case k.at != nil && info.ID != k.tree.top.id:
		k.away(ctx, fs.ErrNotExist) // another folder has its name: begin with that one
		k.nextPoll = now
	}
	if k.at == nil {
		k.attach(ctx, now)
		return
	}
	if k.trip.full || len(k.trip.deep) > 0 || k.trip.cur[1] != nil {
		return
	}
	k.trip.began = now
	for d := range k.at.polled {
		k.trip.deep = append(k.trip.deep, d)
	}
	each(k.tree.top, func(d *dir) {
		if d.mount && d.parent != nil && !k.dirHolds(d) {
			k.mark(d.parent, d.name) // an unmount raises no event that reaches us
		}
	})
}

// attach opens the root and has all of it walked.
func (k *keeper) attach(ctx context.Context, now time.Time) {
	root, err := os.OpenRoot(k.root.Path)
	if err != nil {
		k.away(ctx, cause(err))
		return
	}
	k.at = &attachment{root: root, polled: map[*dir]Reason{}, polledBy: map[Reason]int{}}
	f, err := openFolder(root, "")
	if err == nil {
		k.tree.top.id = FileID{}
		var info Info
		if info, err = f.stat(); err == nil {
			k.tree.top.id = info.ID
			k.tree.top.network = f.network()
		}
		f.close()
	}
	if err != nil {
		k.away(ctx, cause(err))
		return
	}
	if k.inSkipped() {
		k.away(ctx, fs.ErrPermission)
		return
	}
	if k.unmounted() {
		k.away(ctx, fs.ErrNotExist)
		return
	}
	k.tree.dirs[k.tree.top.id] = k.tree.top
	if k.at.notifier, err = newNotifier(); err != nil {
		k.log.WarnContext(ctx, "no file events; the root is polled", "err", err)
	}
	if _, was := k.troubles[""]; was {
		k.reasons[Returned] = true
	}
	k.clear("")
	k.walk(now)
}

// unmounted reports whether the root is the empty folder that a disk is mounted
// on: it holds nothing, and all files known of it were on another device. They
// are not gone, only away.
func (k *keeper) unmounted() bool {
	known, here := false, false
	each(k.tree.top, func(d *dir) {
		for _, f := range d.files {
			known = known || f.known
			here = here || f.known && f.id.Dev == k.tree.top.id.Dev
		}
	})
	if !known || here {
		return false
	}
	self, err := k.at.root.Open(".")
	if err != nil {
		return false
	}
	defer self.Close()
	_, err = self.ReadDir(1)
	return errors.Is(err, io.EOF)
}

// away takes in that the root cannot be reached. What is known of its files
// stays: they are read on when it is back.
func (k *keeper) away(ctx context.Context, err error) {
	c := fate(err)
	if c == Recovered {
		c = Vanished
	}
	if k.troubles[""].Cause != c {
		k.log.WarnContext(ctx, "root cannot be watched", "cause", string(c))
	}
	k.detach()
	k.trouble("", c)
}

// detach closes all that is open of the root.
func (k *keeper) detach() {
	if k.at == nil {
		return
	}
	k.abandon()
	k.budget.give(k.at.watches)
	if k.at.notifier != nil {
		k.at.notifier.close()
	}
	k.at.root.Close()
	k.at = nil
	// The same folder can come back under other numbers, as a mount does: its
	// folders are then known by name, and its files by content.
	clear(k.tree.dirs)
	clear(k.suspects)
	each(k.tree.top, func(d *dir) {
		k.tree.mounted(d, false)
		d.id, d.watched, d.network = FileID{}, false, false
	})
}

// loseEvents goes on without a source of events.
func (k *keeper) loseEvents() {
	k.at.notifier.close()
	k.at.notifier = nil
	k.budget.give(k.at.watches)
	k.at.watches = 0
	each(k.tree.top, func(d *dir) {
		d.watched = false
		k.pollFor(d, NoEvents)
	})
	k.walk(k.opts.Now())
}

// watch asks for events from a folder, or has it polled if there are none to be had.
func (k *keeper) watch(d *dir) {
	switch {
	case d.watched:
		return
	case k.at.notifier == nil:
		k.pollFor(d, NoEvents)
		return
	case !k.budget.take():
		k.pollFor(d, WatchLimit)
		return
	}
	err := k.at.notifier.add(filepath.Join(k.root.Path, filepath.FromSlash(d.path())))
	if err == nil {
		d.watched = true
		k.at.watches++
		k.unpoll(d)
		return
	}
	k.budget.give(1)
	switch {
	case errors.Is(err, syscall.ENOSPC):
		k.pollFor(d, WatchLimit)
	case errors.Is(err, fs.ErrPermission):
		k.pollFor(d, "") // the visit will say what is wrong
	case !errors.Is(err, fs.ErrNotExist):
		k.pollFor(d, NoEvents)
	}
}

func (k *keeper) unwatch(d *dir) {
	k.unpoll(d)
	if !d.watched {
		return
	}
	d.watched = false
	k.at.watches--
	k.budget.give(1)
	k.at.notifier.remove(filepath.Join(k.root.Path, filepath.FromSlash(d.path())))
}

// pollNetwork has a folder polled whose changes may be made elsewhere. It keeps
// its watch, which tells at once what is changed from here.
func (k *keeper) pollNetwork(d *dir) {
	if _, polled := k.at.polled[d]; d.network && !polled {
		k.pollFor(d, NetworkMount)
	}
}

func (k *keeper) pollFor(d *dir, why Reason) {
	k.unpoll(d)
	k.at.polled[d] = why
	k.at.polledBy[why]++
}

func (k *keeper) unpoll(d *dir) {
	if why, ok := k.at.polled[d]; ok {
		delete(k.at.polled, d)
		k.at.polledBy[why]--
	}
}

// placeDir takes in a folder.
func (k *keeper) placeDir(s spot, in lane) {
	d := s.dir.kids[s.name]
	if k.skips(s) {
		k.loseDir(d)
		return
	}
	if d != nil && d.id == s.info.ID {
		d.stamp = k.trip.stamp
		if k.trip.stamp == 0 && !d.pending {
			d.pending = true
			k.trip.urgent = append(k.trip.urgent, d) // it may have become readable, or ceased to be
		}
		return
	}
	if other := k.tree.dirs[s.info.ID]; other != nil && other != d {
		if k.dirHolds(other) {
			k.loseDir(d) // one folder in two places, as a bind mount has it: once is enough
			return
		}
		k.loseDir(other) // it moved, and its files are waited for
	}
	if s.dir.dead {
		return
	}
	if d == nil {
		d = newDir(s.dir, s.name)
		k.tree.nDirs++
	} else {
		k.unwatch(d)
		delete(k.tree.dirs, d.id)
	}
	d.id, d.stamp, d.pending = s.info.ID, k.trip.stamp, true
	k.tree.dirs[d.id] = d
	k.tree.mounted(d, d.id.Dev != s.dir.id.Dev)
	d.network = s.dir.network && !d.mount
	if k.trip.stamp == 0 {
		k.trip.urgent = append(k.trip.urgent, d)
	}
}

// dirHolds reports whether a folder still has its name on disk.
func (k *keeper) dirHolds(d *dir) bool {
	f, err := k.enter(d)
	if err != nil {
		return false
	}
	f.close()
	return true
}

// findSkipped looks up the identities of the folders to skip; they may have
// been made since the last walk.
func (k *keeper) findSkipped() {
	k.at.skip = map[FileID]bool{}
	for _, path := range k.root.Skip {
		if info, err := statPath(path); err == nil {
			k.at.skip[info.ID] = true
		}
	}
}

// inSkipped reports whether the root is a folder to skip, or lies in one, by
// whatever links its name leads there.
func (k *keeper) inSkipped() bool {
	root := RealPath(k.root.Path)
	return slices.ContainsFunc(k.root.Skip, func(skip string) bool {
		rel, err := filepath.Rel(RealPath(skip), root)
		return err == nil && filepath.IsLocal(rel)
	})
}

// RealPath follows the links in a path, if it is there.
func RealPath(path string) string {
	if resolved, err := filepath.EvalSymlinks(path); err == nil {
		return resolved
	}
	return path
}

func (k *keeper) skips(s spot) bool {
	if s.info.ID != (FileID{}) && k.at.skip[s.info.ID] {
		return true
	}
	if len(k.root.Skip) == 0 {
		return false
	}
	full := filepath.Join(k.root.Path, filepath.FromSlash(s.dir.path()), s.name)
	return slices.Contains(k.root.Skip, full)
}
