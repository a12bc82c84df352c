create or replace function api.md_sessions(
    p_ingest_id uuid
)
returns table (
    symbol       text,
    session_on   date,
    bars         bigint,
    slots        bigint,
    close_micros bigint
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.symbol, f.session_on, f.bars, f.slots, f.close_micros
      from md.list_ingest_sessions(p_ingest_id) as f;
$function$;

comment on function api.md_sessions(uuid) is
$$Coverage and last close by session of an ingest's symbols.$$;
