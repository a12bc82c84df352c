-- Deploy mqk:ref/instruments to pg
-- requires: rooms

begin;

set local role mqk_owner;

create table ref.exchanges (
    exchange_id text not null,
    time_zone   text not null,

    constraint exchanges_pkey primary key (exchange_id),
    constraint exchanges_have_one_zone unique (exchange_id, time_zone),
    constraint exchanges_id_is_a_mic check (exchange_id ~ '^[A-Z0-9]{4}$'),
    constraint exchanges_zone_is_of_the_tz_database check (
        time_zone ~ '^(UTC|[A-Z][A-Za-z]+(/[A-Z][A-Za-z_-]+)+)$'
        and timestamptz '2000-01-01 00:00:00+00' at time zone time_zone is not null)
);

create table ref.sessions (
    exchange_id text        not null,
    time_zone   text        not null,
    session_on  date        not null,
    opens_at    timestamptz not null,
    closes_at   timestamptz not null,
    is_half_day boolean     not null,

    constraint sessions_pkey primary key (exchange_id, session_on),
    constraint sessions_close_once_at_a_time unique (exchange_id, closes_at),
    constraint sessions_are_in_the_zone_of_their_exchange foreign key (exchange_id, time_zone)
        references ref.exchanges (exchange_id, time_zone) on delete restrict,
    constraint sessions_open_before_they_close check (opens_at < closes_at),
    constraint sessions_open_and_close_on_their_day check (
        (opens_at at time zone time_zone)::date = session_on
        and (closes_at at time zone time_zone)::date = session_on),
    constraint sessions_are_finite check (isfinite(session_on) and isfinite(closes_at))
);

create table ref.amendments (
    exchange_id   text        not null,
    session_on    date        not null,
    amendment_seq bigint      not null,
    was_opens_at  timestamptz,
    was_closes_at timestamptz,
    opens_at      timestamptz,
    closes_at     timestamptz,
    reason        text        not null,
    actor         text        not null,
    amended_at    timestamptz not null,

    constraint amendments_pkey primary key (exchange_id, session_on, amendment_seq),
    constraint amendments_exchange_id_fkey foreign key (exchange_id)
        references ref.exchanges on delete restrict,
    constraint amendments_are_counted check (amendment_seq > 0),
    constraint amendments_say_why check (length(reason) between 1 and 500),
    constraint amendments_are_of_whole_sessions check (
        num_nulls(opens_at, closes_at) in (0, 2)
        and num_nulls(was_opens_at, was_closes_at) in (0, 2)),
    constraint amendments_change_something check (
        (opens_at, closes_at) is distinct from (was_opens_at, was_closes_at)),
    constraint amendments_leave_what_has_opened check (
        opens_at is not distinct from was_opens_at
        or (amended_at < coalesce(opens_at, 'infinity')
            and amended_at < coalesce(was_opens_at, 'infinity'))),
    constraint amendments_leave_what_has_closed check (
        amended_at < coalesce(closes_at, 'infinity')
        and amended_at < coalesce(was_closes_at, 'infinity'))
);

create table ref.instruments (
    symbol      text not null,
    exchange_id text not null,

    constraint instruments_pkey primary key (symbol),
    constraint instruments_exchange_id_fkey foreign key (exchange_id)
        references ref.exchanges on delete restrict,
    constraint instruments_symbol_is_a_ticker check (symbol ~ '^[A-Z][A-Z0-9.]{0,9}$')
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

create table ref.listings (
    symbol          text    not null,
    effective_on    date    not null,
    is_listed       boolean not null,
    instrument_kind text,
    name            text,
    formerly        text,
    was_listed      boolean generated always as (
                        case when formerly is not null then false end) stored,
    follows_on      date,

    constraint listings_pkey primary key (symbol, effective_on),
    constraint listings_are_so_on_a_day unique (symbol, effective_on, is_listed),
    constraint listings_symbol_fkey foreign key (symbol)
        references ref.instruments on delete restrict,
    constraint listings_follow_themselves foreign key (symbol, follows_on)
        references ref.listings (symbol, effective_on) on delete restrict,
    constraint listings_are_followed_once unique nulls not distinct (symbol, follows_on),
    constraint listings_follow_the_past check (follows_on < effective_on),
    constraint listings_begin_by_listing check (is_listed or follows_on is not null),
    constraint listings_are_dated check (effective_on < 'infinity'),
    constraint listings_name_what_is_listed check (
        num_nulls(instrument_kind, name) = case when is_listed then 0 else 2 end),
    constraint listings_kind_is_known check (instrument_kind in ('EQUITY', 'ETF', 'INDEX')),
    constraint listings_go_on_under_another_name check (
        formerly is null or is_listed and formerly <> symbol),
    constraint listings_go_on_where_the_old_name_ends
        foreign key (formerly, effective_on, was_listed)
        references ref.listings (symbol, effective_on, is_listed) on delete restrict,
    constraint listings_go_on_under_one_name unique (formerly, effective_on)
);

create table ref.classifications (
    symbol       text not null,
    scheme       text not null,
    effective_on date not null,
    code         text,
    follows_on   date,

    constraint classifications_pkey primary key (symbol, scheme, effective_on),
    constraint classifications_symbol_fkey foreign key (symbol)
        references ref.instruments on delete restrict,
    constraint classifications_follow_themselves foreign key (symbol, scheme, follows_on)
        references ref.classifications (symbol, scheme, effective_on) on delete restrict,
    constraint classifications_are_followed_once
        unique nulls not distinct (symbol, scheme, follows_on),
    constraint classifications_follow_the_past check (follows_on < effective_on),
    constraint classifications_are_dated check (effective_on < 'infinity'),
    constraint classifications_scheme_is_a_name check (scheme ~ '^[A-Z][A-Z0-9_]{1,31}$'),
    constraint classifications_code_is_short check (length(code) between 1 and 64)
);

comment on table ref.exchanges is
    $$Markets, by ISO 10383 MIC, and the zone whose days their sessions are.$$;
comment on table ref.sessions is
    $$Every trading session of an exchange as it stands, holidays left out. Loaded once; changed by an
amendment only.$$;
comment on table ref.amendments is
    $$Sessions that were closed, shortened or put in before they took place, and why; append-only.$$;
comment on column ref.amendments.closes_at is $$The close from now on; null: the exchange does not open.$$;
comment on table ref.timeframes is $$The lengths that a bar may have. Never changes.$$;
comment on column ref.timeframes.bar_length is $$Null: a bar is a whole session.$$;
comment on table ref.instruments is
    $$The names that bars and orders may use, and the exchange whose sessions they trade.$$;
comment on table ref.listings is
    $$What a name stood for from a day on, until the next row of that name; append-only. An INDEX can be
seen, not traded.$$;
comment on column ref.listings.effective_on is
    $$The first session of which it is true; -infinity: of all that came before.$$;
comment on column ref.listings.formerly is
    $$The name of the same instrument until that day, on which the old name must have ended.$$;
comment on table ref.classifications is
    $$Which class of a scheme (a sector, say) an instrument belonged to from a day on, until the next row;
append-only.$$;
comment on column ref.classifications.code is $$The class; null: none from that day on.$$;

commit;
