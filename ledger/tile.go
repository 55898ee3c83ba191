package ledger

import (
	"fmt"
	"io/fs"
	"path"

	"golang.org/x/mod/sumdb/tlog"
)

// TileHeight is the height of the tiles of C2SP tlog-tiles.
const TileHeight = 8

// A Writer takes the files of an export. Names use slashes.
type Writer func(name string, content []byte) error

// ExportTiles writes the tree of checkpoint c in the layout of C2SP
// tlog-tiles: checkpoint, tile/L/N, and tile/entries/N. The entries are the
// leaves: salted commitments, which show nothing of what was written. msg is
// the signed note of c, and leaves returns the commitments from..to.
func ExportTiles(msg []byte, c Checkpoint, r tlog.HashReader, leaves func(from, to int64) ([]Hash, error), write Writer) error {
	for _, tile := range tlog.NewTiles(TileHeight, 0, c.Size) {
		data, err := tlog.ReadTileData(tile, r)
		if err != nil {
			return fmt.Errorf("read tile %s: %w", tile.Path(), err)
		}
		if err := write(tilePath(tile), data); err != nil {
			return err
		}
		if tile.L == 0 {
			if err := exportBundle(tile, leaves, write); err != nil {
				return err
			}
		}
	}
	return write("checkpoint", msg)
}

// exportBundle writes the entries of a tile of leaves, each behind its length
// as a big-endian 16-bit number.
func exportBundle(tile tlog.Tile, leaves func(from, to int64) ([]Hash, error), write Writer) error {
	from := tile.N << TileHeight
	list, err := leaves(from, from+int64(tile.W))
	if err != nil {
		return fmt.Errorf("read leaves from %d: %w", from, err)
	}
	var out []byte
	for _, leaf := range list {
		out = append(out, 0, LeafSize)
		out = append(out, leaf[:]...)
	}
	tile.L = -1
	return write(tilePath(tile), out)
}

// tilePath is tile's name by tlog-tiles: tlog.Tile.Path without the height,
// and with "entries" for data.
func tilePath(tile tlog.Tile) string {
	level := fmt.Sprint(tile.L)
	if tile.L < 0 {
		level = "entries"
	}
	n := fmt.Sprintf("%03d", tile.N%1000)
	for rest := tile.N / 1000; rest > 0; rest /= 1000 {
		n = fmt.Sprintf("x%03d/%s", rest%1000, n)
	}
	name := path.Join("tile", level, n)
	if tile.W < 1<<TileHeight {
		name += fmt.Sprintf(".p/%d", tile.W)
	}
	if !fs.ValidPath(name) {
		panic("ledger: tile path " + name)
	}
	return name
}
