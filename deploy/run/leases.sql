-- Deploy mqk:run/leases to pg
-- requires: run/runs

begin;

set local role mqk_owner;

create table run.lease_history (
    engine_id     text        not null,
    account_id    text        not null,
    worker_kind   text        not null,
    lease_epoch   bigint      not null,
    from_epoch    bigint      generated always as (nullif(lease_epoch, 1) - 1) stored,
    run_id        uuid        not null,
    worker_name   text        not null,
    worker_token  text        not null,
    actor         text        not null,
    prior_ends_at timestamptz,
    taken_at      timestamptz not null,

    constraint lease_history_pkey primary key (engine_id, account_id, worker_kind, lease_epoch),
    constraint lease_history_serves_a_run unique (run_id, worker_kind, lease_epoch),
    constraint lease_history_run_id_fkey foreign key (run_id, engine_id, account_id)
        references run.runs (run_id, engine_id, account_id) on delete restrict,
    constraint lease_history_follows_itself foreign key (
        engine_id, account_id, worker_kind, from_epoch)
        references run.lease_history on delete restrict,
    constraint lease_history_begins_with_one check (
        lease_epoch >= 1 and (lease_epoch = 1) = (prior_ends_at is null)),
    constraint lease_history_has_one_holder_at_a_time check (prior_ends_at <= taken_at),
    constraint lease_history_kind_is_known check (
        worker_kind in ('gateway', 'broker_events', 'snapshots', 'strategist', 'anchor')),
    constraint lease_history_names_its_holder check (
        length(worker_name) between 1 and 200 and length(worker_token) between 1 and 200)
);

create index lease_history_run_idx on run.lease_history (run_id, engine_id, account_id);

create table run.leases (
    engine_id   text        not null,
    account_id  text        not null,
    worker_kind text        not null,
    lease_epoch bigint      not null,
    renewed_at  timestamptz not null,
    expires_at  timestamptz not null,

    constraint leases_pkey primary key (engine_id, account_id, worker_kind),
    constraint leases_are_an_epoch_of_their_history foreign key (
        engine_id, account_id, worker_kind, lease_epoch)
        references run.lease_history on delete restrict,
    constraint leases_are_renewed_before_they_expire check (renewed_at <= expires_at),
    constraint leases_expire check (isfinite(expires_at))
)
with (fillfactor = 70);

comment on table run.lease_history is
    $$Who led a kind of worker of an engine and account, epoch by epoch; append-only.$$;
comment on column run.lease_history.worker_token is
    $$What one process is called, and no other: a name alone does not renew a lease.$$;
comment on column run.lease_history.prior_ends_at is
    $$When the lease of the epoch before ended: expired, released, or left for another run.$$;
comment on table run.leases is
    $$The lease of each kind of worker as it stands. Its row stays, so that its epoch only grows.$$;

commit;
