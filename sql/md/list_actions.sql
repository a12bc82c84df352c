create or replace function md.list_actions(
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
set search_path = pg_catalog, pg_temp
as $function$
    select a.action_id, a.symbol, a.action_kind, a.ex_on, md.format_terms(a),
           a.action_kind <> 'CANCEL' and not exists (
               select from md.corporate_actions as c where c.cancels_id = a.action_id),
           a.announced_at, a.source
      from md.corporate_actions as a
     where a.symbol = coalesce(p_symbol, a.symbol)
       and a.announced_at <= p_now_at
     order by a.ex_on, a.symbol collate "C", a.announced_at, a.action_id;
$function$;

comment on function md.list_actions(text, timestamptz) is
$$Corporate actions announced by p_now_at of a symbol, or of all (null), cancelled ones and cancels too.$$;
