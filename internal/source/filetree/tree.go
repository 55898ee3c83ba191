package filetree

import (
	"path"
	"strings"
	"time"
)

// A dir is one folder of a root. Its keeper alone touches it.
type dir struct {
	parent *dir // nil for the root
	name   string
	id     FileID // zero until it was seen on disk
	kids   map[string]*dir
	files  map[string]*file
	stamp  uint32 // the visit of the parent that last saw it

	watched bool
	network bool // under a mount that raises no events for what others do
	mount   bool
	pending bool // found by a visit of the parent, not yet visited itself
	dead    bool // no longer in the tree
}

func newDir(parent *dir, name string) *dir {
	d := &dir{parent: parent, name: name}
	if parent != nil {
		if parent.kids == nil {
			parent.kids = map[string]*dir{}
		}
		parent.kids[name] = d
	}
	return d
}

// path is relative to the root, with slashes; the root's own is empty.
func (d *dir) path() string {
	if d.parent == nil {
		return ""
	}
	return path.Join(d.parent.path(), d.name)
}

// A file is what is held of a file while nothing happens to it: the mark
// without its paths. 200,000 of them are held, so each field is counted.
type file struct {
	dir    *dir
	name   string
	id     FileID
	size   int64
	offset int64
	line   int64
	mtime  int64
	gen    int64
	work   *work // nil while nothing happens
	head   Print
	tail   Print
	stamp  uint32 // the visit of dir that last saw it
	hlen   uint16
	known  bool // the sink has a mark of it
	tried  bool // the sink may have: a read of it failed, maybe after its effect
	whole  bool
	lost   bool // no name leads to it, as far as we have looked
	alias  bool // a further name of a file that is read under its first one
}

// A work is what is held of a file while something happens to it.
type work struct {
	state  workState
	lane   lane
	again  bool      // something changed since the read began
	fails  int       // reads that failed in a row
	since  time.Time // when the oldest change not yet read was seen
	ready  time.Time // not to be read before
	unread int64     // bytes to read, as far as is known

	told string // the path that the sink knows, if it is another one now
	was  FileID // the identity that the sink knows, if it is another one now
}

type workState uint8

const (
	idle workState = iota
	queued
	flying
	cooling
)

func (f *file) path() string { return path.Join(f.dir.path(), f.name) }

// heard reports whether the sink may have heard of the file, or be hearing now.
func (f *file) heard() bool {
	return f.known || f.tried || f.work != nil && f.work.state == flying
}

// mark is what the sink knows of the file, in full.
func (f *file) mark(root string) Mark {
	m := Mark{Root: root, Path: f.path(), ID: f.id}
	if f.work != nil && f.work.told != "" {
		m.Path = f.work.told
	}
	if f.work != nil && f.work.was != (FileID{}) {
		m.ID = f.work.was
	}
	if f.known {
		m.Size, m.Offset, m.Line, m.ModTime = f.size, f.offset, f.line, f.mtime
		m.Head, m.HeadLen, m.Tail = f.head, int64(f.hlen), f.tail
		m.Generation, m.Whole = f.gen, f.whole
	}
	return m
}

// learn takes over what a read has made known; path and identity are the tree's own.
func (f *file) learn(m Mark) {
	f.known, f.tried = true, false
	f.size, f.offset, f.line, f.mtime = m.Size, m.Offset, m.Line, m.ModTime
	f.head, f.hlen, f.tail = m.Head, uint16(m.HeadLen), m.Tail
	f.gen, f.whole = m.Generation, m.Whole
}

// A tree is all that is known of a root's folders and files.
type tree struct {
	top     *dir
	dirs    map[FileID]*dir
	owners  map[uint64]*file // by identity, folded; the file itself settles a collision
	aliases map[FileID][]*file
	nDirs   int
	nFiles  int
	nMounts int
}

func newTree() *tree {
	return &tree{
		top:     newDir(nil, ""),
		dirs:    map[FileID]*dir{},
		owners:  map[uint64]*file{},
		aliases: map[FileID][]*file{},
		nDirs:   1,
	}
}

func (id FileID) fold() uint64 { return id.Ino ^ id.Dev<<40 ^ id.Dev>>24 ^ uint64(id.Born)<<20 }

// owner is the file that is read under this identity, or nil.
func (t *tree) owner(id FileID) *file {
	if f := t.owners[id.fold()]; f != nil && f.id == id {
		return f
	}
	return nil
}

func (t *tree) own(f *file) { t.owners[f.id.fold()] = f }
func (t *tree) disown(f *file) {
	if t.owners[f.id.fold()] == f {
		delete(t.owners, f.id.fold())
	}
}

// put gives a file a place in the tree.
func (t *tree) put(f *file, d *dir, name string) {
	f.dir, f.name, f.lost = d, name, false
	if d.files == nil {
		d.files = map[string]*file{}
	}
	d.files[name] = f
	t.nFiles++
}

// take takes a file from its place; it still remembers which it was.
func (t *tree) take(f *file) {
	if f.dir.files[f.name] == f {
		delete(f.dir.files, f.name)
		t.nFiles--
	}
}

// load puts a mark that the sink knew at the start into the tree. It reports
// false for one that cannot be: no path of ours is absolute or climbs.
func (t *tree) load(m Mark) bool {
	if m.Path == "" || m.Path != path.Clean(m.Path) || path.IsAbs(m.Path) || strings.HasPrefix(m.Path, "../") || m.Path == ".." || m.Path == "." || m.Generation < 1 {
		return false
	}
	d := t.top
	folder, name := path.Split(m.Path)
	for part := range strings.SplitSeq(strings.TrimSuffix(folder, "/"), "/") {
		if part == "" {
			continue
		}
		kid := d.kids[part]
		if kid == nil {
			kid = newDir(d, strings.Clone(part))
			t.nDirs++
		}
		d = kid
	}
	if d.files[name] != nil {
		return false
	}
	f := &file{id: m.ID}
	f.learn(m)
	t.put(f, d, strings.Clone(name)) // a part of m.Path would keep all of it
	if t.owner(f.id) != nil {
		f.alias = false // two names were read as two files; keep it so
	}
	t.own(f)
	return true
}

// mounted notes whether another file system begins at a folder.
func (t *tree) mounted(d *dir, is bool) {
	switch {
	case is && !d.mount:
		t.nMounts++
	case !is && d.mount:
		t.nMounts--
	}
	d.mount = is
}

// each calls do for every folder at and below d.
func each(d *dir, do func(*dir)) {
	do(d)
	for _, kid := range d.kids {
		each(kid, do)
	}
}
