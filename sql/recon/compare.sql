create or replace function recon.compare(
    p_run          run.runs,
    p_snapshot_seq bigint,
    p_now_at       timestamptz
)
returns recon.comparisons
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_snapshot recon.snapshots;
    v_books    jsonb;
    v_drifts   recon.drifts[];
    v_result   recon.comparisons;
begin
    select s.* into strict v_snapshot from recon.snapshots as s
     where s.run_id = p_run.run_id and s.snapshot_seq = p_snapshot_seq;
    v_books := recon.get_books(p_run, v_snapshot.document, v_snapshot.captured_at);
    select array_agg(d) into v_drifts
      from recon.evaluate_drifts(p_run.run_id, p_snapshot_seq, v_books, p_now_at) as d;
    insert into recon.comparisons (
        run_id, snapshot_seq, document_sha256, books, order_drifts, position_drifts, cash_drifts,
        other_drifts, warning_drifts, unsettled_drifts, info_drifts, drifts_sha256, compared_at)
    select p_run.run_id, p_snapshot_seq, v_snapshot.document_sha256, v_books, c.order_drifts,
           c.position_drifts, c.cash_drifts, c.other_drifts, c.warning_drifts, c.unsettled_drifts,
           c.info_drifts, recon.hash_drifts(v_drifts), p_now_at
      from recon.count_drifts(v_drifts) as c
    returning * into v_result;
    insert into recon.drifts
    select d.* from unnest(v_drifts) as d;
    return v_result;
end;
$function$;

comment on function recon.compare(run.runs, bigint, timestamptz) is
$$Compares a stored snapshot with our orders, positions and cash; stores and gives the result.
Why: a difference counts only once it has lasted for the grace; until then it may be in flight.
The books are never changed to agree.$$;
