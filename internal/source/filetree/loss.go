package filetree

import (
	"slices"
	"time"
)

// loseName takes a file from its name. It is waited for under another one.
func (k *keeper) loseName(f *file) {
	if f == nil {
		return
	}
	k.clear(f.path())
	k.tree.take(f)
	f.lost = true
	if f.alias {
		k.tree.unalias(f)
		return
	}
	if !f.heard() {
		k.tree.disown(f)
		f.work = nil
		return
	}
	if f.work != nil && f.work.state == queued {
		f.work.state = idle // not to be told gone before it was waited for
	}
	k.lost = append(k.lost, lostFile{f, k.opts.Now()})
}

// loseDir takes a folder from the tree, with all below it.
func (k *keeper) loseDir(d *dir) {
	if d == nil {
		return
	}
	k.clear(d.path())
	for _, f := range d.files {
		k.loseName(f)
	}
	for _, kid := range d.kids {
		k.loseDir(kid)
	}
	k.unwatch(d)
	k.tree.mounted(d, false)
	if k.tree.dirs[d.id] == d {
		delete(k.tree.dirs, d.id)
	}
	delete(d.parent.kids, d.name)
	d.dead = true
	k.tree.nDirs--
}

// giveUp tells the sink of files that turned up nowhere. While a walk is under
// way they may yet.
func (k *keeper) giveUp(now time.Time) {
	if len(k.lost) == 0 || k.trip.going() {
		return
	}
	limit := now.Add(-lostGrace * k.opts.Settle)
	n := 0
	for ; n < len(k.lost) && !k.lost[n].at.After(limit); n++ {
		k.mourn(k.lost[n].f)
	}
	k.lost = slices.Delete(k.lost, 0, n)
}

func (k *keeper) mourn(f *file) {
	switch w := f.work; {
	case !f.lost:
		return // found
	case w != nil && w.state == flying:
		return // finish brings it back here
	case !f.heard():
		k.tree.disown(f)
		f.work = nil
		return
	}
	if heirs := k.tree.aliases[f.id]; len(heirs) > 0 {
		k.inherit(f, heirs[0])
	} else if k.working(f).state == cooling {
		f.work.state = idle
	}
	k.want(f, fresh, 0)
}

// inherit gives a file that lost its name the further name that it still has.
func (k *keeper) inherit(f, heir *file) {
	k.tree.unalias(heir)
	k.tree.take(heir)
	k.move(f, spot{spotKey: spotKey{heir.dir, heir.name}})
}

// buried ends the record of a file that the sink knows to be gone.
func (k *keeper) buried(f *file) {
	w := f.work
	if !f.lost { // it came back while the sink was told
		f.known, f.tried = false, false
		w.told, w.was, w.state = "", FileID{}, idle
		k.want(f, fresh, -1)
		return
	}
	k.tree.disown(f)
	f.known, f.tried, f.work = false, false, nil
}

// drop forgets a file that the sink has never heard of.
func (k *keeper) drop(f *file) {
	k.tree.take(f)
	k.tree.disown(f)
	f.lost = true
	if f.work != nil && f.work.state != flying {
		f.work = nil
	}
}

func (t *tree) unalias(f *file) {
	f.alias = false
	rest := slices.DeleteFunc(t.aliases[f.id], func(a *file) bool { return a == f })
	if len(rest) == 0 {
		delete(t.aliases, f.id)
		return
	}
	t.aliases[f.id] = rest
}
