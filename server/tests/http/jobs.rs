//! Background work, as admins see it.

use crate::support::{Browser, TestHub};
use reqwest::{Method, header};
use serde_json::Value;
use std::time::Duration;

/// The jobs, once each has run.
async fn done(admin: &Browser) -> Vec<Value> {
    let all = async {
        loop {
            let jobs = admin.get("/api/v1/jobs").await.data()["items"].as_array().unwrap().clone();
            if jobs.len() == 5 && jobs.iter().all(|job| job["finishedAt"].is_string()) {
                return jobs;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(30), all).await.expect("the hub's own jobs run when it starts")
}

#[tokio::test]
async fn admins_see_what_the_hub_does_and_have_it_done_again() {
    let (hub, admin) = TestHub::set_up().await;
    let jobs = done(&admin).await;
    let mut names: Vec<&str> = jobs.iter().map(|job| job["name"].as_str().unwrap()).collect();
    names.sort_unstable();
    assert_eq!(
        names,
        [
            "delete-ended-sessions",
            "delete-old-comparisons",
            "delete-old-events",
            "delete-old-idempotency-keys",
            "delete-unused-documents"
        ]
    );
    assert!(jobs.iter().all(|job| job["periodic"] == true && job["state"] == "waiting"), "{jobs:?}");

    let metrics = admin.get("/metrics").await.text;
    for name in names {
        let counted = format!("handshake_job_attempts_total{{job=\"{name}\",outcome=\"ok\"}} 1");
        assert!(metrics.contains(&counted), "{counted}\n{metrics}");
    }

    let retry = format!("/api/v1/jobs/{}/retries", jobs[0]["id"].as_str().unwrap());
    assert_eq!(admin.send(admin.request(Method::POST, &retry)).await.status, 204);
    let page = admin.send(admin.request(Method::GET, "/settings/jobs").header(header::ACCEPT, "text/html")).await;
    assert!(page.status == 200 && page.text.contains("delete-old-events"), "{page:?}");
    assert!(page.text.contains("href=\"/settings/jobs\""), "admins are led there");

    let viewer = hub.person("viewer").await;
    let page = viewer.send(viewer.request(Method::GET, "/settings/jobs").header(header::ACCEPT, "text/html")).await;
    assert!(!page.text.contains("delete-old-events") && !page.text.contains("href=\"/settings/jobs\""), "{page:?}");
}
