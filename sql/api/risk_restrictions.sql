create or replace function api.risk_restrictions(
    p_now_at timestamptz
)
returns table (
    symbol        text,
    restriction   text,
    reason        text,
    actor         text,
    effective_at  timestamptz,
    restricted_at timestamptz
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select r.symbol, r.restriction, r.reason, r.actor, r.effective_at, r.restricted_at
      from risk.list_restrictions(p_now_at) as r;
$function$;

comment on function api.risk_restrictions(timestamptz) is
$$The restricted list as it stands, and what is planned.$$;
