create or replace function pager.format_body(
    p_engine_id   text,
    p_channel     text,
    p_delivery_no bigint
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select string_agg(format('%s %s %s, run %s: %s', core.format_iso(n.happened_at), n.severity,
                             n.event_name, left(n.chain_id::text, 8), n.notice_text),
                      e'\n' order by n.place)
           || case when max(n.total) > 8 then format(e'\n(%s more)', max(n.total) - 8) else '' end
      from (select n.*, count(*) over () as total,
                   row_number() over (order by n.urgency, n.happened_at, n.event_seq, n.notice_id) as place
              from pager.notices as n
             where n.engine_id = p_engine_id and n.channel = p_channel
               and n.delivery_no = p_delivery_no) as n
     where n.place <= 8;
$function$;

comment on function pager.format_body(text, text, bigint) is
$$The eight most urgent notices of a delivery, one a line, and how many more it carries; at most 2800
characters.$$;
