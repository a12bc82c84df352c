-- Deploy mqk:ref/instruments to pg
-- requires: rooms

begin;

set local role mqk_owner;

create table ref.exchanges (
    exchange_id text not null,
    time_zone   text not null,

    constraint exchanges_pkey primary key (exchange_id),
    constraint exchanges_id_is_a_mic check (exchange_id ~ '^[A-Z0-9]{4}$')
);

create table ref.sessions (
    exchange_id text        not null,
    session_on  date        not null,
    opens_at    timestamptz not null,
    closes_at   timestamptz not null,
    is_half_day boolean     not null,

    constraint sessions_pkey primary key (exchange_id, session_on),
    constraint sessions_close_once_at_a_time unique (exchange_id, closes_at),
    constraint sessions_exchange_id_fkey foreign key (exchange_id)
        references ref.exchanges on delete restrict,
    constraint sessions_open_before_they_close check (opens_at < closes_at),
    constraint sessions_are_finite check (isfinite(session_on) and isfinite(closes_at))
);

create table ref.instruments (
    symbol          text not null,
    exchange_id     text not null,
    instrument_kind text not null,
    name            text not null,
    listed_on       date,
    delisted_on     date,

    constraint instruments_pkey primary key (symbol),
    constraint instruments_exchange_id_fkey foreign key (exchange_id)
        references ref.exchanges on delete restrict,
    constraint instruments_symbol_is_a_ticker check (symbol ~ '^[A-Z][A-Z0-9.]{0,9}$'),
    constraint instruments_kind_is_known check (instrument_kind in ('EQUITY', 'ETF', 'INDEX')),
    constraint instruments_list_before_they_delist check (listed_on < delisted_on)
);

create table ref.timeframes (
    timeframe  text     not null,
    bar_length interval,

    constraint timeframes_pkey primary key (timeframe),
    constraint timeframes_are_known check (
        (timeframe, coalesce(bar_length, interval '0')) in (
            ('1m', interval '1 minute'), ('5m', interval '5 minutes'), ('15m', interval '15 minutes'),
            ('1H', interval '1 hour'), ('1D', interval '0')))
);

create index instruments_exchange_idx on ref.instruments (exchange_id);

comment on table ref.exchanges is $$Markets, by ISO 10383 MIC.$$;
comment on table ref.sessions is $$Every trading session of an exchange, holidays left out.$$;
comment on table ref.timeframes is $$The lengths that a bar may have. Never changes.$$;
comment on column ref.timeframes.bar_length is $$Null: a bar is a whole session.$$;
comment on table ref.instruments is $$What bars and orders may name. An INDEX can be seen, not traded.$$;

commit;
