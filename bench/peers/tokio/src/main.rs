// The rows of bench/runtime.c with tokio: tasks, mpsc::channel(100), oneshot for replies.
//
//     runtime ROW COUNT        prints operations a second
use std::env;
use std::thread;
use std::time::Instant;
use tokio::runtime::Builder;
use tokio::sync::{mpsc, oneshot};

const MAILBOX: usize = 100;
const SENDERS: u64 = 4;
const RING: usize = 100;
const ALL: usize = 100;
const FORKS: u64 = 100_000;

async fn ask(count: u64) {
    let (to, mut questions) = mpsc::channel::<(u64, oneshot::Sender<u64>)>(MAILBOX);
    tokio::spawn(async move {
        while let Some((value, reply)) = questions.recv().await {
            let _ = reply.send(value);
        }
    });
    let asker = tokio::spawn(async move {
        for value in 0..count {
            let (reply, answer) = oneshot::channel();
            to.send((value, reply)).await.unwrap();
            answer.await.unwrap();
        }
    });
    asker.await.unwrap();
}

async fn fan_in(count: u64) {
    let (to, mut mailbox) = mpsc::channel::<u64>(MAILBOX);
    let each = count / SENDERS;
    let receiver = tokio::spawn(async move {
        let mut received = 0u64;
        while mailbox.recv().await.is_some() {
            received += 1;
        }
        received
    });
    for _ in 0..SENDERS {
        let to = to.clone();
        tokio::spawn(async move {
            for value in 0..each {
                to.send(value).await.unwrap();
            }
        });
    }
    drop(to);
    assert_eq!(receiver.await.unwrap(), each * SENDERS);
}

async fn ring(count: u64) {
    let (finish, mut finished) = mpsc::channel::<()>(1);
    let (senders, mailboxes): (Vec<_>, Vec<_>) =
        (0..RING).map(|_| mpsc::channel::<u64>(MAILBOX)).unzip();
    for (i, mut mailbox) in mailboxes.into_iter().enumerate() {
        let (next, finish) = (senders[(i + 1) % RING].clone(), finish.clone());
        tokio::spawn(async move {
            while let Some(hops) = mailbox.recv().await {
                if hops == 0 {
                    // Ends, then the next whose only sender is gone, and so on round the ring.
                    let _ = finish.send(()).await;
                    break;
                }
                next.send(hops - 1).await.unwrap();
            }
        });
    }
    senders[0].send(count).await.unwrap();
    drop(senders);
    finished.recv().await;
}

async fn all_to_all(count: u64) {
    let rounds = count / (ALL * (ALL - 1)) as u64;
    let (senders, mailboxes): (Vec<_>, Vec<_>) =
        (0..ALL).map(|_| mpsc::channel::<u64>(3 * ALL)).unzip();
    let mut tasks = Vec::new();
    for (i, mut mailbox) in mailboxes.into_iter().enumerate() {
        let peers: Vec<_> = (1..ALL).map(|j| senders[(i + j) % ALL].clone()).collect();
        tasks.push(tokio::spawn(async move {
            for round in 0..rounds {
                for peer in &peers {
                    peer.send(round).await.unwrap();
                }
                for _ in &peers {
                    mailbox.recv().await.unwrap();
                }
            }
            // Kept open until the others have sent all of theirs.
            mailbox
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
}

async fn fork_join(count: u64) {
    let mut made = 0;
    while made < count {
        let tasks: Vec<_> = (0..FORKS).map(|i| tokio::spawn(async move { i })).collect();
        for task in tasks {
            task.await.unwrap();
        }
        made += FORKS;
    }
}

async fn run(row: &str, count: u64) {
    match row {
        "ask" => ask(count).await,
        "fan-in" => fan_in(count).await,
        "ring" => ring(count).await,
        "all-to-all" => all_to_all(count).await,
        "fork-join" => fork_join(count).await,
        _ => panic!("no such row: {}", row),
    }
}

fn main() {
    let row = env::args().nth(1).expect("usage: runtime ROW COUNT");
    let count: u64 = env::args().nth(2).and_then(|n| n.parse().ok()).expect("COUNT is a number");
    let workers = thread::available_parallelism().map_or(1, |n| n.get());
    let runtime = Builder::new_multi_thread().worker_threads(workers).build().unwrap();

    // In a task, so that it runs on a worker as all others do.
    let conductor = runtime.spawn(async move {
        run(&row, count / 10).await;
        let started = Instant::now();
        run(&row, count).await;
        count as f64 / started.elapsed().as_secs_f64()
    });
    println!("{:.0}", runtime.block_on(conductor).unwrap());
}
