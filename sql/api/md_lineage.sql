create or replace function api.md_lineage(
    p_symbol    text,
    p_timeframe text,
    p_bar       text
)
returns jsonb
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select md.get_lineage(p_symbol, p_timeframe, p_bar);
$function$;

comment on function api.md_lineage(text, text, text) is
$$Where a stored bar comes from, and who else saw it.$$;
