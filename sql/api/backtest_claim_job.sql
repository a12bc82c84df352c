create or replace function api.backtest_claim_job(
    p_sweep_id      uuid,
    p_worker_name   text,
    p_lease_seconds integer,
    p_now_at        timestamptz
)
returns table (
    sweep_id   uuid,
    job_no     integer,
    claim_no   integer,
    dataset_id uuid,
    config     text
)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.sweep_id, f.job_no, f.claim_no, s.dataset_id, c.canonical_json
      from lab.claim_sweep_job(p_sweep_id, p_worker_name, p_lease_seconds, p_now_at) as f
      join lab.sweeps as s using (sweep_id)
      join run.configs as c on c.config_hash = f.config_hash;
$function$;

comment on function api.backtest_claim_job(uuid, text, integer, timestamptz) is
$$Gives a worker one job of a sweep, or of any, with its config.$$;
