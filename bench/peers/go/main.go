// The rows of bench/runtime.c with Go: goroutines and channels of 100.
//
//	runtime ROW COUNT        prints operations a second
package main

import (
	"fmt"
	"os"
	"strconv"
	"sync"
	"time"
)

const (
	mailbox = 100
	senders = 4
	members = 100 // of the ring
	all     = 100
	forks   = 100000
)

type question struct {
	value uint64
	reply chan<- uint64
}

func ask(count uint64) {
	to := make(chan question, mailbox)
	done := make(chan struct{})
	go func() {
		for q := range to {
			q.reply <- q.value
		}
	}()
	go func() {
		// One asker has one question open at a time, so the channel serves for all.
		reply := make(chan uint64, 1)
		for i := uint64(0); i < count; i++ {
			to <- question{i, reply}
			<-reply
		}
		close(to)
		close(done)
	}()
	<-done
}

func fanIn(count uint64) {
	to := make(chan uint64, mailbox)
	done := make(chan uint64)
	each := count / senders
	var sending sync.WaitGroup
	go func() {
		received := uint64(0)
		for range to {
			received++
		}
		done <- received
	}()
	for s := 0; s < senders; s++ {
		sending.Add(1)
		go func() {
			defer sending.Done()
			for i := uint64(0); i < each; i++ {
				to <- i
			}
		}()
	}
	sending.Wait()
	close(to)
	if <-done != each*senders {
		panic("messages were lost")
	}
}

func ring(count uint64) {
	var mailboxes [members]chan uint64
	done := make(chan struct{})
	for i := range mailboxes {
		mailboxes[i] = make(chan uint64, mailbox)
	}
	for i := range mailboxes {
		go func(from <-chan uint64, next chan<- uint64) {
			for hops := range from {
				if hops == 0 {
					close(done)
				} else {
					next <- hops - 1
				}
			}
		}(mailboxes[i], mailboxes[(i+1)%members])
	}
	mailboxes[0] <- count
	<-done
	for _, m := range mailboxes {
		close(m)
	}
}

func allToAll(count uint64) {
	rounds := count / (all * (all - 1))
	var mailboxes [all]chan uint64
	var running sync.WaitGroup
	for i := range mailboxes {
		mailboxes[i] = make(chan uint64, 3*all)
	}
	for i := range mailboxes {
		peers := make([]chan<- uint64, 0, all-1)
		for j := 1; j < all; j++ {
			peers = append(peers, mailboxes[(i+j)%all])
		}
		running.Add(1)
		go func(from <-chan uint64) {
			defer running.Done()
			for round := uint64(0); round < rounds; round++ {
				for _, peer := range peers {
					peer <- round
				}
				for range peers {
					<-from
				}
			}
		}(mailboxes[i])
	}
	running.Wait()
}

func forkJoin(count uint64) {
	for made := uint64(0); made < count; made += forks {
		var running sync.WaitGroup
		running.Add(forks)
		for i := 0; i < forks; i++ {
			go running.Done()
		}
		running.Wait()
	}
}

func main() {
	rows := map[string]func(uint64){
		"ask": ask, "fan-in": fanIn, "ring": ring, "all-to-all": allToAll, "fork-join": forkJoin,
	}
	if len(os.Args) != 3 || rows[os.Args[1]] == nil {
		fmt.Fprintln(os.Stderr, "usage: runtime ROW COUNT")
		os.Exit(2)
	}
	run := rows[os.Args[1]]
	count, err := strconv.ParseUint(os.Args[2], 10, 64)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	run(count / 10)
	started := time.Now()
	run(count)
	fmt.Printf("%.0f\n", float64(count)/time.Since(started).Seconds())
}
