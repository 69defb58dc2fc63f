//! Logs, traces and metrics.
//!
//! Every span has a W3C trace id, exported or not: it is what an error shows and what the log is searched for.
//! Spans leave the process only when an OTLP endpoint is configured.

use crate::config::{LogFormat, Settings};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::WithExportConfig as _;
use opentelemetry_sdk::{Resource, propagation::TraceContextPropagator, trace::SdkTracerProvider};
use std::io::IsTerminal;
use tracing_subscriber::{EnvFilter, Layer as _, layer::SubscriberExt as _, util::SubscriberInitExt as _};

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the log filter can't be read: {0}")]
    Filter(#[from] tracing_subscriber::filter::ParseError),
    #[error("the OTLP exporter can't be made: {0}")]
    Exporter(#[from] opentelemetry_otlp::ExporterBuildError),
    #[error("logging is set up already: {0}")]
    Twice(#[from] tracing_subscriber::util::TryInitError),
    #[error("metrics can't be set up: {0}")]
    Metrics(#[from] metrics_exporter_prometheus::BuildError),
}

/// Flushes what is still to be exported when the server stops.
pub struct Telemetry {
    provider: SdkTracerProvider,
}

impl Telemetry {
    /// Sends the last spans. Called once, after the last request.
    pub fn shut_down(&self) {
        if let Err(error) = self.provider.shutdown() {
            tracing::warn!(%error, "the last spans could not be exported");
        }
    }
}

/// Starts logging and tracing for the whole process.
pub fn start(settings: &Settings) -> Result<Telemetry, Error> {
    let mut provider =
        SdkTracerProvider::builder().with_resource(Resource::builder().with_service_name("handshake").build());
    if !settings.otlp_endpoint.is_empty() {
        let exporter = opentelemetry_otlp::SpanExporter::builder()
            .with_http()
            .with_endpoint(format!("{}/v1/traces", settings.otlp_endpoint.trim_end_matches('/')))
            .build()?;
        provider = provider.with_batch_exporter(exporter);
    }
    install(settings, provider.build())
}

/// Logs and traces of the whole process go to the log as configured and to this provider.
pub fn install(settings: &Settings, provider: SdkTracerProvider) -> Result<Telemetry, Error> {
    opentelemetry::global::set_text_map_propagator(TraceContextPropagator::new());
    // Spans exist whatever is logged: every answer has its trace id.
    let spans = tracing_opentelemetry::layer()
        .with_tracer(provider.tracer("handshake"))
        .with_filter(tracing_subscriber::filter::LevelFilter::INFO);

    let json = match settings.log_format {
        LogFormat::Json => true,
        LogFormat::Text => false,
        LogFormat::Auto => !std::io::stderr().is_terminal(),
    };
    // Standard error, so that commands which print data keep standard output to themselves.
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let lines =
        if json { lines.json().flatten_event(true).with_span_list(false).boxed() } else { lines.compact().boxed() };
    tracing_subscriber::registry()
        .with(lines.with_filter(EnvFilter::try_new(&settings.log)?))
        .with(spans)
        .try_init()?;
    Ok(Telemetry { provider })
}

/// Makes the recorder behind `/metrics`. Each server of a test process has its own route to the one recorder.
pub fn metrics() -> Result<PrometheusHandle, Error> {
    use std::sync::OnceLock;
    static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();
    if let Some(handle) = HANDLE.get() {
        return Ok(handle.clone());
    }
    let recorder = PrometheusBuilder::new()
        .set_buckets_for_metric(
            Matcher::Suffix("seconds".into()),
            &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0],
        )?
        .build_recorder();
    let handle = HANDLE.get_or_init(|| recorder.handle()).clone();
    // A second recorder of a racing start loses, and its numbers with it: only tests start twice in one process.
    if metrics::set_global_recorder(recorder).is_err() {
        tracing::debug!("a metrics recorder is installed already");
    }
    Ok(handle)
}

/// The trace id of the current span in hexadecimal; `None` outside of a request.
#[must_use]
pub fn trace_id() -> Option<String> {
    use opentelemetry::trace::TraceContextExt as _;
    use tracing_opentelemetry::OpenTelemetrySpanExt as _;
    let context = tracing::Span::current().context();
    let span = context.span();
    let span = span.span_context();
    span.is_valid().then(|| span.trace_id().to_string())
}
