create or replace function io.apply_actions(
    p_run_id uuid,
    p_now_at timestamptz
)
returns table (
    symbol      text,
    action_kind text,
    terms       text,
    held_qty    bigint,
    now_qty     bigint
)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.symbol, f.action_kind, f.terms, f.held_qty, f.now_qty
      from oms.apply_actions(p_run_id, p_now_at) as f;
$function$;

comment on function io.apply_actions(uuid, timestamptz) is
$$Service door to oms.apply_actions.$$;
