-- Deploy mqk:md/asks to pg
-- requires: md/bars

begin;

set local role mqk_owner;

create table md.feed_asks (
    feed       text        not null,
    symbol     text        not null,
    timeframe  text        not null,
    bar_end_at timestamptz not null,
    asks       bigint      not null,
    asked_at   timestamptz not null,

    constraint feed_asks_pkey primary key (feed, symbol, timeframe),
    constraint feed_asks_symbol_fkey foreign key (symbol)
        references ref.instruments on delete restrict,
    constraint feed_asks_timeframe_fkey foreign key (timeframe)
        references ref.timeframes on delete restrict,
    constraint feed_asks_are_counted_from_one check (asks >= 1),
    constraint feed_asks_are_for_bars_that_have_ended check (bar_end_at <= asked_at)
)
with (fillfactor = 70);

create index feed_asks_symbol_idx on md.feed_asks (symbol);

comment on table md.feed_asks is
    $$How often a feed that counts its requests was asked for the bar that is due, and when last.$$;
comment on column md.feed_asks.bar_end_at is $$End of the bar that was due then.$$;

commit;
