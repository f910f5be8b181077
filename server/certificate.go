package server

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"
)

// certificateLook is how often the files of a certificate are looked at, as
// long as clients come.
const certificateLook = time.Second

// Certificate is a TLS certificate of two files, read again when they change,
// so that a renewed one needs no new start.
type Certificate struct {
	cert, key string
	log       *slog.Logger

	mu     sync.Mutex
	loaded *tls.Certificate
	seen   [2]fileState
	looked time.Time
}

type fileState struct {
	changed time.Time
	size    int64
}

// LoadCertificate reads a certificate (PEM, with its intermediates) and its
// private key.
func LoadCertificate(certFile, keyFile string, log *slog.Logger) (*Certificate, error) {
	c := &Certificate{cert: certFile, key: keyFile, log: log}
	seen, err := c.states()
	if err != nil {
		return nil, err
	}
	if err := c.read(seen); err != nil {
		return nil, err
	}
	return c, nil
}

func (c *Certificate) config() *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: c.get}
}

func (c *Certificate) states() (seen [2]fileState, err error) {
	for i, name := range []string{c.cert, c.key} {
		info, err := os.Stat(name)
		if err != nil {
			return seen, fmt.Errorf("read the TLS certificate: %w", err)
		}
		seen[i] = fileState{info.ModTime(), info.Size()}
	}
	return seen, nil
}

func (c *Certificate) read(seen [2]fileState) error {
	pair, err := tls.LoadX509KeyPair(c.cert, c.key)
	if err != nil {
		return fmt.Errorf("read the TLS certificate %s with the key %s: %w", c.cert, c.key, err)
	}
	c.loaded, c.seen = &pair, seen
	return nil
}

// get is the certificate now. While the files don't fit each other, as in the
// middle of a renewal, the one before stays.
func (c *Certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now := time.Now(); now.Sub(c.looked) >= certificateLook {
		c.looked = now
		seen, err := c.states()
		if err == nil && seen != c.seen {
			err = c.read(seen)
		}
		if err != nil {
			c.log.Error("the TLS certificate before is kept", "error", err)
		}
	}
	return c.loaded, nil
}
