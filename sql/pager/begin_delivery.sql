create or replace function pager.begin_delivery(
    p_engine_id   text,
    p_channel     text,
    p_worker_name text,
    p_now_at      timestamptz
)
returns bigint
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_last pager.deliveries;
    v_no   bigint;
begin
    select d.* into v_last
      from pager.deliveries as d
     where d.engine_id = p_engine_id and d.channel = p_channel
     order by d.delivery_no desc
     limit 1;
    if v_last.delivery_status = 'BEGUN' or v_last.next_at > p_now_at then
        return null;
    end if;
    insert into pager.deliveries (
        engine_id, channel, delivery_no, worker_name, actor, delivery_status, failures, detail,
        begun_at, expires_at)
    values (p_engine_id, p_channel, coalesce(v_last.delivery_no, 0) + 1, p_worker_name, session_user,
            'BEGUN', coalesce(v_last.failures, 0), '', p_now_at, p_now_at + interval '1 minute')
    on conflict do nothing
    returning delivery_no into v_no;
    with urgent as materialized (
        select n.notice_id
          from pager.notices as n
         where n.engine_id = p_engine_id and n.channel = p_channel
           and n.delivered_at is null and n.given_up_at is null
           and v_no is not null
         order by n.urgency, n.happened_at, n.event_seq, n.notice_id
         limit 500
           for update skip locked
    )
    update pager.notices as n
       set delivery_no = v_no, attempts = n.attempts + 1
      from urgent as u
     where n.engine_id = p_engine_id and n.notice_id = u.notice_id;
    return v_no;
end;
$function$;

comment on function pager.begin_delivery(text, text, text, timestamptz) is
$$Puts the most urgent notices of a channel, at most 500, into one delivery and gives its number; null
while another one is under way or the channel rests.
Why: one sender a channel (unique index), and a storm becomes one message.$$;
