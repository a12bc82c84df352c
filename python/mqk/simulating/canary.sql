-- A planted bug: the reconcile does not look at shares and cash. Who does not find it is blind.
create or replace function recon.list_money_drifts(
    p_document jsonb,
    p_books    jsonb,
    p_policy   recon.tolerances
)
returns table (
    drift_kind text,
    drift_key  text,
    ours       text,
    theirs     text,
    is_young   boolean
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select null, null, null, null, null::boolean where false;
$function$;
