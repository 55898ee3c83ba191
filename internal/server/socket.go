package server

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/stanch/stanch/internal/access"
	"github.com/stanch/stanch/internal/rest"
	"github.com/stanch/stanch/internal/tenant"
)

// longestSocket is how long the path of a socket may be on every system.
const longestSocket = 100

// SocketPath returns where the admin socket of a data folder is: admin.sock in
// it, or, where that path is too long for a socket, a name made from it in the
// folder for temporary files.
func SocketPath(data string) string {
	path := filepath.Join(data, "admin.sock")
	if len(path) <= longestSocket {
		return path
	}
	sum := sha256.Sum256([]byte(path))
	return filepath.Join(os.TempDir(), "stanch-"+hex.EncodeToString(sum[:8])+".sock")
}

// listenAdmin opens the admin socket. The caller holds the lock on the data
// folder, so a socket that is there belongs to nobody.
func listenAdmin(data string) (net.Listener, error) {
	path := SocketPath(data)
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("remove old admin socket: %w", err)
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		return nil, fmt.Errorf("open admin socket: %w", err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, errors.Join(fmt.Errorf("open admin socket: %w", err), l.Close())
	}
	return &peerListener{l}, nil
}

// A peerListener accepts only processes of our own user, or root's.
type peerListener struct{ net.Listener }

// Accept implements [net.Listener].
func (l *peerListener) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		uid, err := peerUser(conn)
		if err == nil && (uid == os.Getuid() || uid == 0) {
			return conn, nil
		}
		_ = conn.Close() // a stranger
	}
}

// AddressHeader names the header by which answers over the admin socket say
// where browsers reach the centre: commands need not know how it was started.
const AddressHeader = "Stanch-Address"

// adminServer serves the API to whoever holds the machine.
func adminServer(api http.Handler, address string) *http.Server {
	told := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set(AddressHeader, address)
		api.ServeHTTP(w, r)
	})
	return &http.Server{
		Handler:           told,
		ReadHeaderTimeout: 10 * time.Second,
		ConnContext: func(ctx context.Context, _ net.Conn) context.Context {
			return rest.WithPrincipal(ctx, access.Socket(tenant.Default))
		},
	}
}
