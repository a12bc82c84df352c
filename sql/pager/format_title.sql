create or replace function pager.format_title(
    p_engine_id   text,
    p_channel     text,
    p_delivery_no bigint
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select left(p_engine_id || ': ' || string_agg(
               case k.notices when 1 then '' else k.notices || ' ' end || k.event_name, ', '
               order by k.urgency, k.event_name), 100)
      from (select n.event_name, count(*) as notices, min(n.urgency) as urgency
              from pager.notices as n
             where n.engine_id = p_engine_id and n.channel = p_channel
               and n.delivery_no = p_delivery_no
             group by n.event_name) as k;
$function$;

comment on function pager.format_title(text, text, bigint) is
$$A delivery in one line: engine, and how many notices of each event, the most urgent first.$$;
