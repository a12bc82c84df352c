create or replace function risk.get_restriction(
    p_symbol text
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select coalesce((select r.restriction from risk.restrictions as r
                      where r.symbol = p_symbol
                      order by r.restriction_seq desc limit 1), 'NONE');
$function$;

comment on function risk.get_restriction(text) is
$$What the restricted list says of a symbol now: NONE, SHORT or TRADE.$$;
