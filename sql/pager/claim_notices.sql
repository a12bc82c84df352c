create or replace function pager.claim_notices(
    p_run_id      uuid,
    p_worker_name text,
    p_now_at      timestamptz
)
returns table (
    channel     text,
    delivery_no bigint,
    severity    text,
    notices     bigint,
    title       text,
    body        text
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_engine_id text := pager.get_engine_id(p_run_id, p_now_at);
begin
    perform pager.collect_notices(v_engine_id);
    perform pager.expire_deliveries(v_engine_id, p_now_at);
    for channel in
        select n.channel
          from pager.notices as n
         where n.engine_id = v_engine_id
           and n.delivered_at is null and n.given_up_at is null
         group by n.channel
         order by min(n.urgency), n.channel
    loop
        delivery_no := pager.begin_delivery(v_engine_id, channel, p_worker_name, p_now_at);
        select count(*), (array['CRITICAL', 'WARN', 'INFO'])[min(n.urgency)] into notices, severity
          from pager.notices as n
         where n.engine_id = v_engine_id and n.channel = claim_notices.channel
           and n.delivery_no = claim_notices.delivery_no;
        continue when notices = 0;
        title := pager.format_title(v_engine_id, channel, delivery_no);
        body := pager.format_body(v_engine_id, channel, delivery_no);
        return next;
    end loop;
end;
$function$;

comment on function pager.claim_notices(uuid, text, timestamptz) is
$$Gives one worker at most one message a channel, the most urgent channel first, to be delivered within a
minute: how bad the worst of its notices is, how many it carries, a title (at most 100 characters) and
a body (at most 2800).
Raises: MQA01; MQN02; MQA03.$$;
