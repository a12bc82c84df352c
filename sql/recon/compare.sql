create or replace function recon.compare(
    p_run          run.runs,
    p_snapshot_seq bigint,
    p_document     jsonb,
    p_now_at       timestamptz
)
returns recon.comparisons
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_result recon.comparisons;
begin
    with found as materialized (
        select d.*, coalesce(before.first_seen_at, p_now_at) as first_seen_at,
               coalesce(before.first_seen_at, p_now_at)
               <= p_now_at - l.grace_ms * interval '1 ms' as is_settled
          from (select * from recon.list_order_drifts(p_run.run_id, p_document)
                 union all
                select * from recon.list_money_drifts(p_run.run_id, p_document)) as d
          join recon.tolerances as l on l.run_id = p_run.run_id
          left join recon.drifts as before
            on before.run_id = p_run.run_id and before.snapshot_seq = p_snapshot_seq - 1
           and before.drift_kind = d.drift_kind and before.drift_key = d.drift_key
    ), compared as (
        insert into recon.comparisons (
            run_id, snapshot_seq, order_drifts, position_drifts, cash_drifts, unsettled_drifts,
            compared_at)
        select p_run.run_id, p_snapshot_seq,
               count(*) filter (where f.is_settled and f.drift_kind like '%ORDER%'),
               count(*) filter (where f.is_settled and f.drift_kind = 'POSITION'),
               count(*) filter (where f.is_settled and f.drift_kind = 'CASH'),
               count(*) filter (where not f.is_settled), p_now_at
          from found as f
        returning *
    ), kept as (
        insert into recon.drifts (
            run_id, snapshot_seq, drift_kind, drift_key, ours, theirs, first_seen_at, is_settled)
        select p_run.run_id, p_snapshot_seq, f.drift_kind, f.drift_key, f.ours, f.theirs,
               f.first_seen_at, f.is_settled
          from found as f
    )
    select c.* into v_result from compared as c;
    return v_result;
end;
$function$;

comment on function recon.compare(run.runs, bigint, jsonb, timestamptz) is
$$Compares a stored snapshot with our orders, positions and cash; stores and gives the result.
Why: a difference counts only once it has lasted for the grace; until then it may be in flight.
The books are never changed to agree.$$;
