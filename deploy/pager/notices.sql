-- Deploy mqk:pager/notices to pg
-- requires: run/runs
-- requires: audit/events

begin;

set local role mqk_owner;

create table pager.rules (
    event_name text   not null,
    matching   jsonb  not null,
    channel    text   not null,
    severity   text   not null,
    quiet_ms   bigint not null,

    constraint rules_pkey primary key (event_name, matching, channel),
    constraint rules_match_an_object check (jsonb_typeof(matching) = 'object'),
    constraint rules_channel_is_known check (channel in ('MODE', 'ALERTS', 'HEARTBEAT', 'C2')),
    constraint rules_severity_is_known check (severity in ('CRITICAL', 'WARN', 'INFO')),
    constraint rules_quiet_time_is_bounded check (quiet_ms between 0 and 86400000)
);

create table pager.cursors (
    chain_id uuid   not null,
    read_seq bigint not null,

    constraint cursors_pkey primary key (chain_id),
    constraint cursors_chain_id_fkey foreign key (chain_id)
        references audit.chains on delete restrict,
    constraint cursors_stand_on_an_event foreign key (chain_id, read_seq)
        references audit.events (chain_id, event_seq) on delete restrict
);

create table pager.deliveries (
    engine_id       text        not null,
    channel         text        not null,
    delivery_no     bigint      not null,
    prior_no        bigint      generated always as (nullif(delivery_no, 1) - 1) stored,
    worker_name     text        not null,
    actor           text        not null,
    delivery_status text        not null,
    failures        integer     not null,
    detail          text        not null,
    begun_at        timestamptz not null,
    expires_at      timestamptz not null,
    ended_at        timestamptz,
    next_at         timestamptz,

    constraint deliveries_pkey primary key (engine_id, channel, delivery_no),
    constraint deliveries_follow_each_other foreign key (engine_id, channel, prior_no)
        references pager.deliveries (engine_id, channel, delivery_no) on delete restrict,
    constraint deliveries_engine_id_fkey foreign key (engine_id)
        references run.engines on delete restrict,
    constraint deliveries_channel_is_known check (
        channel in ('PAPER', 'LIVE', 'BACKTEST', 'ALERTS', 'HEARTBEAT', 'C2')),
    constraint deliveries_status_is_known check (
        delivery_status in ('BEGUN', 'DELIVERED', 'FAILED', 'LOST')),
    constraint deliveries_end_with_a_time_for_the_next check (
        num_nulls(ended_at, next_at) = case delivery_status when 'BEGUN' then 2 else 0 end),
    constraint deliveries_expire check (
        expires_at > begun_at and expires_at - begun_at <= interval '1 hour'),
    constraint deliveries_count_failures check (failures >= 0),
    constraint deliveries_rest_for_a_bounded_time check (next_at - ended_at <= interval '1 hour')
);

create unique index one_delivery_at_a_time on pager.deliveries (engine_id, channel)
 where delivery_status = 'BEGUN';
create index deliveries_prior_idx on pager.deliveries (engine_id, channel, prior_no)
 where prior_no is not null;

create table pager.notices (
    engine_id    text        not null,
    notice_id    uuid        not null,
    chain_id     uuid        not null,
    event_seq    bigint      not null,
    event_name   text        not null,
    channel      text        not null,
    severity     text        not null,
    urgency      integer     generated always as
        (case severity when 'CRITICAL' then 1 when 'WARN' then 2 else 3 end) stored,
    notice_text  text        not null,
    happened_at  timestamptz not null,
    attempts     integer     not null,
    delivery_no  bigint,
    delivered_at timestamptz,
    given_up_at  timestamptz,

    constraint notices_pkey primary key (engine_id, notice_id),
    constraint notices_engine_id_fkey foreign key (engine_id)
        references run.engines on delete restrict,
    constraint notices_tell_an_event foreign key (chain_id, event_seq)
        references audit.events (chain_id, event_seq) on delete restrict,
    constraint notices_channel_is_known check (
        channel in ('PAPER', 'LIVE', 'BACKTEST', 'ALERTS', 'HEARTBEAT', 'C2')),
    constraint notices_severity_is_known check (severity in ('CRITICAL', 'WARN', 'INFO')),
    constraint notices_are_short check (length(notice_text) <= 250),
    constraint notices_attempts_are_bounded check (attempts between 0 and 10),
    constraint notices_are_tried_in_a_delivery check ((attempts = 0) = (delivery_no is null)),
    constraint notices_are_delivered_or_given_up_after_a_try check (
        num_nonnulls(delivered_at, given_up_at) <= least(attempts, 1)),
    constraint notices_delivery_fkey foreign key (engine_id, channel, delivery_no)
        references pager.deliveries (engine_id, channel, delivery_no) on delete restrict
);

create index notices_waiting_idx on pager.notices (engine_id, channel, urgency, happened_at)
 where delivered_at is null and given_up_at is null;
create index notices_delivery_idx on pager.notices (engine_id, channel, delivery_no);

comment on table pager.rules is
    $$Which events of the diary people are told, where and how urgently.$$;
comment on column pager.rules.matching is $$The event's payload contains this.$$;
comment on column pager.rules.channel is
    $$MODE: the channel of the run's mode (SHADOW shares PAPER's). A notice has the channel itself.$$;
comment on column pager.rules.quiet_ms is
    $$The same text is told once in each stretch of this length; 0: each event is told.$$;
comment on table pager.cursors is $$How far each chain of the diary has been read for notices.$$;
comment on table pager.deliveries is
    $$One message to one channel: what it carries are the notices that refer to it.$$;
comment on column pager.deliveries.failures is $$Deliveries in a row that failed, this one included.$$;
comment on column pager.deliveries.next_at is $$Nothing is sent to the channel before.$$;
comment on table pager.notices is
    $$What people are told about one event of the diary on one channel; never deleted.$$;
comment on column pager.notices.attempts is $$Deliveries that carried it, at most 10.$$;
comment on column pager.notices.given_up_at is $$When its last attempt had failed.$$;

commit;
