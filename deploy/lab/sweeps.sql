-- Deploy mqk:lab/sweeps to pg
-- requires: lab/proofs

begin;

set local role mqk_owner;

create table lab.sweeps (
    sweep_id    uuid        not null,
    dataset_id  uuid        not null,
    config_hash text        not null,
    grid        jsonb       not null,
    jobs        integer     not null,
    created_by  text        not null,
    created_at  timestamptz not null,

    constraint sweeps_pkey primary key (sweep_id),
    constraint sweeps_dataset_id_fkey foreign key (dataset_id)
        references lab.datasets on delete restrict,
    constraint sweeps_are_bounded check (jobs between 1 and 10000)
);

create index sweeps_dataset_idx on lab.sweeps (dataset_id);

create table lab.sweep_jobs (
    sweep_id    uuid        not null,
    job_no      integer     not null,
    config_hash text        not null,
    parameters  jsonb       not null,
    job_status  text        not null,
    claim_no    integer     not null,
    claimed_by  text,
    expires_at  timestamptz,
    backtest_id uuid,
    failure     text,
    ended_at    timestamptz,

    constraint sweep_jobs_pkey primary key (sweep_id, job_no),
    constraint sweep_jobs_sweep_id_fkey foreign key (sweep_id)
        references lab.sweeps on delete restrict,
    constraint sweep_jobs_backtest_id_fkey foreign key (backtest_id)
        references lab.backtests on delete restrict,
    constraint sweep_jobs_try_a_config_once unique (sweep_id, config_hash),
    constraint sweep_jobs_status_is_known check (
        job_status in ('PENDING', 'CLAIMED', 'DONE', 'FAILED')),
    constraint sweep_jobs_are_claimed_a_few_times check (claim_no between 0 and 5),
    constraint sweep_jobs_have_a_worker_once_taken check (
        num_nulls(claimed_by, expires_at) = case claim_no when 0 then 2 else 0 end
        and (job_status = 'PENDING') = (claim_no = 0)),
    constraint sweep_jobs_end_with_one_result check (
        (job_status = 'DONE') = (backtest_id is not null)
        and (job_status = 'FAILED') = (failure is not null)
        and (job_status in ('DONE', 'FAILED')) = (ended_at is not null))
);

create index sweep_jobs_open_idx on lab.sweep_jobs (sweep_id, job_no)
 where job_status in ('PENDING', 'CLAIMED');
create index sweep_jobs_backtest_idx on lab.sweep_jobs (backtest_id);

comment on table lab.sweeps is
    $$A search over parameters: a config, a dataset, and the values that are tried, each with each.$$;
comment on table lab.sweep_jobs is
    $$The queue of a sweep: one backtest a row, claimed by any worker of any machine, ended once.$$;
comment on column lab.sweep_jobs.claim_no is $$How often it was claimed; only the last claim may end it.$$;

commit;
