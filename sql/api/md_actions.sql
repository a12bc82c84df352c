create or replace function api.md_actions(
    p_symbol text,
    p_now_at timestamptz
)
returns table (
    action_id    uuid,
    symbol       text,
    action_kind  text,
    ex_on        date,
    terms        text,
    stands       boolean,
    announced_at timestamptz,
    source       text
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.action_id, f.symbol, f.action_kind, f.ex_on, f.terms, f.stands, f.announced_at, f.source
      from md.list_actions(p_symbol, p_now_at) as f;
$function$;

comment on function api.md_actions(text, timestamptz) is
$$Corporate actions of a symbol, or of all (null), by ex session, with whether each still stands.$$;
