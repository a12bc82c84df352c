create or replace function api.risk_restrictions()
returns table (
    symbol        text,
    restriction   text,
    reason        text,
    actor         text,
    restricted_at timestamptz
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select r.symbol, r.restriction, r.reason, r.actor, r.restricted_at
      from (select distinct on (r.symbol) r.*
              from risk.restrictions as r
             order by r.symbol, r.restriction_seq desc) as r
     where r.restriction <> 'NONE'
     order by r.symbol;
$function$;

comment on function api.risk_restrictions() is
$$The restricted list as it stands.$$;
