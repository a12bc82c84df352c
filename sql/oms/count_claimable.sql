create or replace function oms.count_claimable(
    p_run_id uuid,
    p_now_at timestamptz
)
returns bigint
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select count(*)
      from oms.outbox as o
     where o.run_id = p_run_id
       and o.outbox_status = 'PENDING'
       and oms.is_claimable(
           o, not run.may_trade(p_run_id, p_now_at), run.clamp_now(p_run_id, p_now_at));
$function$;

comment on function oms.count_claimable(uuid, timestamptz) is
$$How many requests wait that a claim would give out now.$$;
