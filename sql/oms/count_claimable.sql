create or replace function oms.count_claimable(
    p_run_id uuid,
    p_now_at timestamptz
)
returns bigint
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_shut   boolean := not run.may_trade(p_run_id, p_now_at);
    v_reduce boolean := case when v_shut
        then oms.find_reduction_defect(p_run_id, p_now_at) is null else false end;
    v_now    timestamptz := run.clamp_now(p_run_id, p_now_at);
begin
    return (select count(*)
              from (select from oms.outbox as o
                     where o.run_id = p_run_id
                       and o.outbox_status = 'PENDING'
                       and oms.is_claimable(o, v_shut, v_reduce, v_now)
                     limit 100) as c);
end;
$function$;

comment on function oms.count_claimable(uuid, timestamptz) is
$$How many requests wait that a claim would give out now; counted up to 100.$$;
