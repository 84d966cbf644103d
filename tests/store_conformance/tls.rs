//! TLS to the database: `sslmode` and `sslrootcert` are honoured, and a certificate that is not good is refused.

use std::{
    path::Path,
    process::Command as Program,
    time::{Duration, Instant},
};

use ringback::store::{Store, StoreError, postgres::PostgresStore};
use tokio_postgres::{Client, NoTls};

use crate::{
    cluster::{self, Cluster},
    fixture::*,
};

#[test]
fn the_certificate_is_checked_where_that_is_asked_for() {
    let Some(binaries) = cluster::available() else { return };
    let cluster = Cluster::start(binaries, &["fsync=off"]);
    let certificates = tempfile::tempdir().unwrap();
    let Some(()) = certify(certificates.path()) else { return };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let plain = cluster.database();
        let admin = admin(&plain).await;
        let named = plain.replace("127.0.0.1", "localhost");
        let refused = open(&format!("{named}?sslmode=require")).await.unwrap_err();
        assert!(matches!(refused, StoreError::Unavailable(_)), "a server without TLS: {refused}");
        serve_tls(&cluster, &admin, certificates.path()).await;

        let (ca, other) =
            (certificates.path().join("ca.pem"), certificates.path().join("other.pem"));
        let (ca, other) = (ca.display(), other.display());
        for (url, encrypted) in [
            (format!("{plain}?sslmode=disable"), false),
            (plain.clone(), true),
            (format!("{named}?sslmode=prefer"), true),
            (format!("{named}?sslmode=verify-full&sslrootcert={ca}"), true),
            (format!("{named}?sslmode=require&sslrootcert={ca}"), true),
        ] {
            let store = open(&url).await.unwrap_or_else(|error| panic!("{url}: {error}"));
            ingest(&*store, call(morning(), caller("+447700900123"), None)).await;
            store.roster().await.unwrap();
            for session in sessions(&admin).await {
                assert_eq!(session, encrypted, "{url}");
            }
            store.close().await.unwrap();
            drop(store);
            gone(&admin).await;
        }
        for url in [
            // Signed by somebody this machine does not know.
            format!("{named}?sslmode=require"),
            format!("{named}?sslmode=verify-full&sslrootcert={other}"),
            // The certificate is for another name.
            format!("{plain}?sslmode=verify-full&sslrootcert={ca}"),
            format!("{named}?sslmode=verify-full&sslrootcert={ca}.missing"),
        ] {
            let refused = open(&url).await.unwrap_err();
            assert!(matches!(refused, StoreError::Unavailable(_)), "{url}: {refused}");
        }
    });
}

async fn open(url: &str) -> Result<std::sync::Arc<PostgresStore>, StoreError> {
    PostgresStore::open(&url.parse().unwrap(), policy()).await
}

async fn admin(url: &str) -> Client {
    let (client, driver) = tokio_postgres::connect(url, NoTls).await.unwrap();
    tokio::spawn(driver);
    client
}

/// Whether each of our connections is encrypted.
async fn sessions(admin: &Client) -> Vec<bool> {
    let sql = "SELECT s.ssl FROM pg_stat_ssl s JOIN pg_stat_activity USING (pid) WHERE application_name = 'ringback'";
    let sessions: Vec<bool> =
        admin.query(sql, &[]).await.unwrap().iter().map(|row| row.get(0)).collect();
    assert!(sessions.len() >= 2, "writer and reader are connected");
    sessions
}

async fn gone(admin: &Client) {
    let sql = "SELECT COUNT(*) FROM pg_stat_activity WHERE application_name = 'ringback'";
    let start = Instant::now();
    while admin.query_one(sql, &[]).await.unwrap().get::<_, i64>(0) > 0 {
        assert!(start.elapsed() < Duration::from_secs(5), "a closed store leaves no connection");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn serve_tls(cluster: &Cluster, admin: &Client, certificates: &Path) {
    let certificate =
        cluster.keep("server.crt", &std::fs::read(certificates.join("server.crt")).unwrap());
    let key = cluster.keep("server.key", &std::fs::read(certificates.join("server.key")).unwrap());
    for setting in [
        format!("ALTER SYSTEM SET ssl_cert_file = '{}'", certificate.display()),
        format!("ALTER SYSTEM SET ssl_key_file = '{}'", key.display()),
        "ALTER SYSTEM SET ssl = on".into(),
        "SELECT pg_reload_conf()".into(),
    ] {
        admin.batch_execute(&setting).await.unwrap();
    }
    let start = Instant::now();
    while admin.query_one("SHOW ssl", &[]).await.unwrap().get::<_, String>(0) != "on" {
        assert!(start.elapsed() < Duration::from_secs(5), "TLS does not come on");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// An authority, a certificate of its for `localhost`, and another authority. `None` where there is no `openssl`.
fn certify(folder: &Path) -> Option<()> {
    std::fs::write(folder.join("names"), "subjectAltName=DNS:localhost\n").unwrap();
    let key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes";
    for arguments in [
        format!("req -x509 {key} -keyout ca.key -out ca.pem -subj /CN=ours -days 2"),
        format!("req -x509 {key} -keyout other.key -out other.pem -subj /CN=other -days 2"),
        format!("req {key} -keyout server.key -out server.csr -subj /CN=localhost"),
        "x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile names -out server.crt"
            .into(),
    ] {
        let run = Program::new("openssl").args(arguments.split(' ')).current_dir(folder).output();
        let Ok(run) = run else {
            assert!(std::env::var("CI").as_deref() != Ok("true"), "openssl not found");
            return None;
        };
        assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    }
    Some(())
}
