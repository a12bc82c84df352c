create or replace function api.notices_list(
    p_engine_id text,
    p_limit     integer
)
returns table (
    happened_at  timestamptz,
    severity     text,
    channel      text,
    event_name   text,
    run_id       uuid,
    notice_text  text,
    attempts     integer,
    delivered_at timestamptz,
    given_up_at  timestamptz,
    said         text
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select n.happened_at, n.severity, n.channel, n.event_name, r.run_id, n.notice_text, n.attempts,
           n.delivered_at, n.given_up_at, d.detail
      from pager.notices as n
      left join run.runs as r on r.run_id = n.chain_id
      left join pager.deliveries as d on d.engine_id = n.engine_id and d.channel = n.channel
                                     and d.delivery_no = n.delivery_no
     where n.engine_id = p_engine_id
       and run.is_in_scope(session_user, n.engine_id)
     order by n.happened_at desc, n.urgency, n.event_seq desc, n.channel
     limit least(greatest(p_limit, 1), 1000);
$function$;

comment on function api.notices_list(text, integer) is
$$What people were told about an engine, or wait to be told, newest first; said: what the other side of the
last attempt answered. Neither delivered_at nor given_up_at: it waits.$$;
