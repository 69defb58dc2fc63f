//! Guessing passwords, and signing in meanwhile.

use crate::support::{PASSWORD, TestHub};
use futures::future::join_all;
use reqwest::StatusCode;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

const GUESSER: [u8; 4] = [127, 0, 0, 66];

/// Guesses from one machine on a hundred connections while `honest` runs, and counts what was told whether it was right.
async fn while_somebody_guesses(
    hub: &TestHub,
    name: impl Fn(usize) -> String,
    honest: impl Future<Output = ()>,
) -> usize {
    let (over, guesses, asked) = (AtomicBool::new(false), AtomicUsize::new(0), AtomicUsize::new(0));
    let flood = (0..100).map(|_| async {
        let guesser = hub.browser_at(GUESSER);
        while !over.load(Ordering::Relaxed) {
            let number = asked.fetch_add(1, Ordering::Relaxed);
            let answer = guesser.sign_in(&name(number), &format!("guess number {number}")).await;
            match answer.refusal() {
                (401, code) if code == "wrong-credentials" => guesses.fetch_add(1, Ordering::Relaxed),
                (429, code) if code == "rate-limited" => {
                    let seconds: u32 = answer.header("retry-after").parse().unwrap();
                    assert!((1..=900).contains(&seconds), "{seconds}");
                    0
                }
                other => panic!("{other:?}"),
            };
        }
    });
    let honest = async {
        // In the middle of it, not before.
        while asked.load(Ordering::Relaxed) < 200 {
            tokio::task::yield_now().await;
        }
        honest.await;
        over.store(true, Ordering::Relaxed);
    };
    tokio::join!(join_all(flood), honest);
    guesses.into_inner()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn honest_people_sign_in_while_somebody_guesses_one_accounts_password() {
    let hub = TestHub::empty().await;
    let people: Vec<String> = (0..22).map(|n| format!("person{n}")).collect();
    for person in &people {
        hub.account(person, "viewer").await;
    }
    // One browser of the victim's, behind the very address that the flood comes from.
    let known = hub.browser_at(GUESSER);
    assert_eq!(known.sign_in("person0", PASSWORD).await.status, StatusCode::CREATED);
    let honest = async {
        for (n, person) in (1..).zip(&people) {
            let answer = hub.browser_at([127, 0, 1, n]).sign_in(person, PASSWORD).await;
            assert_eq!(answer.status, StatusCode::CREATED, "{person}, elsewhere: {answer:?}");
        }
        let answer = known.sign_in("person0", PASSWORD).await;
        assert_eq!(answer.status, StatusCode::CREATED, "the victim's browser: {answer:?}");
        let answer = hub.browser_at(GUESSER).sign_in("person1", PASSWORD).await;
        assert_eq!(answer.status, StatusCode::CREATED, "somebody else behind that address: {answer:?}");
    };
    let guesses = while_somebody_guesses(&hub, |_| "person0".to_owned(), honest).await;
    assert!((1..=12).contains(&guesses), "{guesses} guesses");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn honest_people_sign_in_while_somebody_guesses_at_invented_accounts() {
    let hub = TestHub::empty().await;
    for person in ["ada", "bob"] {
        hub.account(person, "viewer").await;
    }
    let known = hub.browser_at(GUESSER);
    assert_eq!(known.sign_in("ada", PASSWORD).await.status, StatusCode::CREATED);
    let honest = async {
        let answer = hub.browser_at([127, 0, 1, 1]).sign_in("bob", PASSWORD).await;
        assert_eq!(answer.status, StatusCode::CREATED, "elsewhere: {answer:?}");
        let answer = known.sign_in("ada", PASSWORD).await;
        assert_eq!(answer.status, StatusCode::CREATED, "a known browser behind that address: {answer:?}");
        let answer = hub.browser_at(GUESSER).sign_in("ada", PASSWORD).await;
        assert_eq!(answer.status, StatusCode::CREATED, "an account that is known at that address: {answer:?}");
    };
    let guesses = while_somebody_guesses(&hub, |number| format!("invented{number}"), honest).await;
    assert!((1..=30).contains(&guesses), "{guesses} guesses");
}

#[tokio::test]
async fn behind_a_proxy_the_client_counts_and_not_what_it_says_of_itself() {
    let hub = TestHub::empty().await;
    hub.account("ada", "viewer").await;
    let guess = async |forwarded: String| {
        let browser = hub.browser();
        let body = serde_json::json!({"email": "ada@example.org", "password": "not the password"});
        let request = browser.request(reqwest::Method::POST, "/api/v1/sessions").header("x-forwarded-for", forwarded);
        browser.send(request.json(&body)).await.status.as_u16()
    };
    let mut statuses = Vec::new();
    for n in 0..7 {
        statuses.push(guess(format!("203.0.113.{n}, 198.51.100.1")).await);
    }
    assert_eq!(statuses, [401, 401, 401, 401, 401, 401, 429], "an invented first part is no new client");
    assert_eq!(guess("198.51.100.2".to_owned()).await, 401);
}

#[tokio::test]
async fn the_form_says_when_to_come_again() {
    let hub = TestHub::empty().await;
    hub.account("ada", "viewer").await;
    let browser = hub.browser();
    let mut last = None;
    for _ in 0..7 {
        let form = [("email", "ada@example.org"), ("password", "not the password")];
        last = Some(browser.send(browser.request(reqwest::Method::POST, "/api/ui/sign-in").form(&form)).await);
    }
    let last = last.unwrap();
    assert_eq!((last.status.as_u16(), last.json()["code"].as_str()), (429, Some("rate-limited")), "{last:?}");
    let wait = last.header("retry-after");
    assert!(matches!(wait, "1" | "2"), "{wait}");
    assert!(last.json()["message"].as_str().unwrap().contains(&format!("Try again in {wait} second")));
}
