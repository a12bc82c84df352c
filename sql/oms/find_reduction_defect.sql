create or replace function oms.find_reduction_defect(
    p_run_id uuid,
    p_now_at timestamptz
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select case
        when (risk.get_flatten(p_run_id)).run_id is null then 'no flatten is asked for'
        when oms.find_action_defect(p_run_id, null, p_now_at) is not null
            then oms.find_action_defect(p_run_id, null, p_now_at)
        when oms.count_unresolved(p_run_id) > 0 then 'an order is in doubt at the broker'
        when exists (select from ledger.positions as p
                      where p.run_id = p_run_id and p.position_qty <> 0
                        and oms.get_expiry(p.symbol, p_now_at) is null)
            then 'the session calendar has ended'
        else coalesce(
            (select string_agg(s.gate || ': ' || s.reason, '; ')
               from run.list_shut_gates(p_run_id, array['CONTINUITY', 'RECON'], p_now_at) as s),
            (select 'no snapshot agrees since ' || max(t.reason)
               from run.trips as t
               join run.runs as r on r.run_id = t.run_id and r.status_seq = t.halted_seq
               join run.gates as g on g.run_id = t.run_id and g.gate = 'RECON'
              where t.run_id = p_run_id and t.trip_kind = 'DESYNC'
                and g.expires_at - r.gate_ttl_ms * interval '1 ms' <= t.tripped_at)) end;
$function$;

comment on function oms.find_reduction_defect(uuid, timestamptz) is
$$Why a halted run may not close its positions now, or null.
Why: only positions that are proven are closed: the broker's events are complete, the last reconcile agreed
and is fresh, its snapshot is younger than every DESYNC of this halt, no order is in doubt and no corporate
action is due. Where they
are not, a person must look first.$$;
