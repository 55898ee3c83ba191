package filetree

import (
	"errors"
	"io/fs"
	"path/filepath"
	"strings"
	"syscall"
)

// A spot is what was found under one name.
type spot struct {
	spotKey
	info Info
	err  error
}

// absent reports whether nothing has the name. No file can have one with a
// zero byte in it: it is how the sink may keep a name that it must not write
// down, and the walk has found the file under its real one if it is there.
func (s spot) absent() bool {
	return errors.Is(s.err, fs.ErrNotExist) || errors.Is(s.err, syscall.ENOTDIR) || s.err != nil && strings.Contains(s.name, "\x00")
}

// look finds out what some names stand for now and takes it in.
func (k *keeper) look(keys []spotKey) {
	if len(keys) == 0 {
		return
	}
	byDir := map[*dir][]string{}
	var order []*dir
	for _, key := range keys {
		if byDir[key.dir] == nil {
			order = append(order, key.dir)
		}
		byDir[key.dir] = append(byDir[key.dir], key.name)
	}
	var spots []spot
	for _, d := range order {
		spots = append(spots, k.stat(d, byDir[d])...)
	}
	k.absorb(spots, fresh)
}

// stat looks at names in one folder.
func (k *keeper) stat(d *dir, names []string) []spot {
	f, err := k.enter(d)
	if err != nil {
		k.noEntry(d, err)
		return nil
	}
	defer f.close()
	spots := make([]spot, 0, len(names))
	for _, name := range names {
		info, err := f.lstat(name)
		spots = append(spots, spot{spotKey{d, name}, info, err})
	}
	return spots
}

// enter opens a folder and makes sure that it is the one meant.
func (k *keeper) enter(d *dir) (*folder, error) {
	f, err := openFolder(k.at.root, d.path())
	if err != nil {
		return nil, astray(err)
	}
	info, err := f.stat()
	if err == nil && info.ID != d.id {
		err = errMoved
	}
	if err != nil {
		f.close()
		return nil, cause(err)
	}
	return f, nil
}

// noEntry takes in that a folder could not be opened. What is known of its
// files stays: not to be seen is not to be gone.
func (k *keeper) noEntry(d *dir, err error) {
	switch c := fate(err); {
	case c != Recovered:
		k.trouble(d.path(), c)
	case d.parent == nil:
		k.nextPoll = k.opts.Now()
	default:
		k.mark(d.parent, d.name)
	}
}

// absorb makes the tree agree with what was found. First what is absent is lost,
// then what is present finds its old record by identity, and only then is a
// name that has changed hands taken for a file replaced: in a rotation the old
// file turns up under another name of the same batch.
func (k *keeper) absorb(spots []spot, in lane) {
	for _, s := range spots {
		switch {
		case s.absent():
			k.vacate(s.spotKey)
		case s.err != nil:
			k.trouble(filepath.ToSlash(filepath.Join(s.dir.path(), s.name)), fate(cause(s.err)))
		}
	}
	var rest []spot
	for _, s := range spots {
		switch {
		case s.err != nil || s.dir.dead:
		case s.info.Kind == Folder:
			k.loseName(s.dir.files[s.name])
			k.placeDir(s, in)
		case s.info.Kind == Regular:
			k.loseDir(s.dir.kids[s.name])
			if !k.placeKnown(s, in) {
				rest = append(rest, s)
			}
		default:
			k.vacate(s.spotKey)
		}
	}
	for _, s := range rest {
		k.placeNew(s, in)
	}
}

func (k *keeper) vacate(key spotKey) {
	delete(k.suspects, key)
	k.loseName(key.dir.files[key.name])
	k.loseDir(key.dir.kids[key.name])
	k.clear(filepath.ToSlash(filepath.Join(key.dir.path(), key.name)))
}

// placeKnown takes in a file whose identity is known, here or elsewhere. It
// reports false for one that is new or that replaced another.
func (k *keeper) placeKnown(s spot, in lane) bool {
	f := s.dir.files[s.name]
	if f != nil && f.id == s.info.ID {
		delete(k.suspects, s.spotKey)
		f.stamp = k.trip.stamp
		k.check(f, s.info, in)
		return true
	}
	g := k.tree.owner(s.info.ID)
	if g == nil || s.info.ID == (FileID{}) {
		return false
	}
	if !g.heard() && f != nil {
		return false // written beside and renamed over f: f is replaced
	}
	if !g.lost && k.holds(g) {
		return false // a second name
	}
	delete(k.suspects, s.spotKey)
	k.loseName(f)
	k.move(g, s)
	k.check(g, s.info, in)
	return true
}

// placeNew takes in a file that nothing is known of but perhaps its name.
func (k *keeper) placeNew(s spot, in lane) {
	f := s.dir.files[s.name]
	g := k.tree.owner(s.info.ID)
	if s.info.ID == (FileID{}) {
		g = nil
	}
	switch {
	case g != nil && g != f && !g.lost && k.holds(g):
		k.loseName(f)
		f = k.placeAlias(s)
	case f != nil && in == backlog:
		// The file that had this name may turn up where the walk has not been.
		f.stamp = k.trip.stamp
		k.later = append(k.later, s.spotKey)
		return
	case f != nil && f.known && !f.alias && k.suspect(s.spotKey):
		return
	case f != nil && f.known && !f.alias:
		k.replace(f, s)
	default:
		k.loseName(f)
		if f = g; f != nil {
			k.move(f, s)
		} else {
			f = k.create(s)
		}
	}
	k.check(f, s.info, in)
}

// suspect reports whether a name that has changed hands is to be looked at once
// more. This look may have come between a rename and the news of it, and what
// had the name is then about to turn up under another.
func (k *keeper) suspect(key spotKey) bool {
	now, pause := k.opts.Now(), 2*k.opts.Settle
	since, again := k.suspects[key]
	switch {
	case again && now.Sub(since) >= pause:
		delete(k.suspects, key)
		return false
	case !again:
		since = now
		k.suspects[key] = now
	}
	if !k.marked[key] {
		k.marked[key] = true
		k.due.push(dueItem{at: since.Add(pause), spot: key})
	}
	return true
}

func (k *keeper) create(s spot) *file {
	f := &file{id: s.info.ID, stamp: k.trip.stamp}
	k.tree.put(f, s.dir, s.name)
	k.tree.own(f)
	return f
}

// replace gives a record a new identity: another file has the name, and what
// was known of the old one helps to tell whether the content is the same.
func (k *keeper) replace(f *file, s spot) {
	if g := k.tree.owner(s.info.ID); g != nil && g != f {
		k.drop(g)
	}
	k.tree.disown(f)
	w := k.working(f)
	if w.state == flying {
		w.again = true // finish finds out which one the sink knows then
	} else if w.was == (FileID{}) {
		w.was = f.id
	}
	f.id, f.stamp = s.info.ID, k.trip.stamp
	if w.was == f.id {
		w.was = FileID{}
	}
	k.tree.own(f)
}

// move gives a known file its new name.
func (k *keeper) move(f *file, s spot) {
	if !f.lost {
		k.tree.take(f)
	}
	w := k.working(f)
	if w.state == flying {
		w.again = true
	} else if f.heard() && w.told == "" {
		w.told = f.path()
	}
	k.tree.put(f, s.dir, s.name)
	f.stamp = k.trip.stamp
	if w.told == f.path() {
		w.told = ""
	}
}

// placeAlias notes a further name of a file. It is not read twice.
func (k *keeper) placeAlias(s spot) *file {
	f := &file{id: s.info.ID, alias: true, stamp: k.trip.stamp}
	k.tree.put(f, s.dir, s.name)
	k.tree.aliases[f.id] = append(k.tree.aliases[f.id], f)
	return f
}

// check has a file read if it is not what was read last.
func (k *keeper) check(f *file, info Info, in lane) {
	if f.alias {
		g := k.tree.owner(f.id)
		switch {
		case g == nil: // its first name was replaced
			k.tree.unalias(f)
			k.tree.own(f)
		case g.lost:
			k.inherit(g, f)
			f = g
		default:
			f = g
		}
	}
	w := f.work
	moved := w != nil && (w.told != "" || w.was != (FileID{}))
	if f.known && !moved && f.size == info.Size && f.mtime == info.ModTime && !k.troubled(f) {
		return
	}
	unread := info.Size
	if f.known && !f.whole && info.Size > f.size {
		unread = info.Size - f.offset
	}
	k.want(f, in, unread)
}

// working returns the file's work, and makes it if there is none.
func (k *keeper) working(f *file) *work {
	if f.work == nil {
		f.work = &work{since: k.opts.Now()}
	}
	return f.work
}

// holds reports whether the file still has its name on disk.
func (k *keeper) holds(f *file) bool {
	d, err := openFolder(k.at.root, f.dir.path())
	if err != nil {
		return false
	}
	defer d.close()
	info, err := d.lstat(f.name)
	return err == nil && info.ID == f.id
}
